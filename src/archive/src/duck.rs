//! DuckDB by its C interface, opened at run time: statements, rows, and appending. The only `unsafe` of this crate.
#![expect(unsafe_code, reason = "the C interface of a library that is opened at run time")]

use std::ffi::{CStr, CString, c_char, c_void};
use std::path::{Path, PathBuf};
use std::ptr::null_mut;

use libloading::Library;

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
}

impl Value {
    /// The whole number that it is.
    pub(crate) const fn int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Null | Self::Text(_) => None,
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Int(i64::from(truth))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Why the engine gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum DuckError {
    /// Its library is not there.
    #[error("DuckDB's library was not found ({0}): run models/fetch-duckdb.sh, or name it in SIDETONE_DUCKDB")]
    Library(#[from] libloading::Error),
    /// The database cannot be opened.
    #[error("the archive {0} cannot be opened; another program may hold it")]
    Open(PathBuf),
    /// A statement failed.
    #[error("{0}")]
    Statement(String),
    /// A text holds a zero byte.
    #[error("a text holds a zero byte")]
    ZeroByte(#[from] std::ffi::NulError),
}

/// `duckdb_result` of the C interface; its fields are not read here.
#[repr(C)]
struct RawResult([*mut c_void; 6]);

type Handle = *mut c_void;
type State = u32;

struct Calls {
    close: unsafe extern "C" fn(*mut Handle),
    disconnect: unsafe extern "C" fn(*mut Handle),
    query: unsafe extern "C" fn(Handle, *const c_char, *mut RawResult) -> State,
    destroy_result: unsafe extern "C" fn(*mut RawResult),
    result_error: unsafe extern "C" fn(*mut RawResult) -> *const c_char,
    column_count: unsafe extern "C" fn(*mut RawResult) -> u64,
    column_type: unsafe extern "C" fn(*mut RawResult, u64) -> u32,
    row_count: unsafe extern "C" fn(*mut RawResult) -> u64,
    value_is_null: unsafe extern "C" fn(*mut RawResult, u64, u64) -> bool,
    value_int64: unsafe extern "C" fn(*mut RawResult, u64, u64) -> i64,
    value_varchar: unsafe extern "C" fn(*mut RawResult, u64, u64) -> *mut c_char,
    free: unsafe extern "C" fn(*mut c_void),
    appender_create: unsafe extern "C" fn(Handle, *const c_char, *const c_char, *mut Handle) -> State,
    appender_destroy: unsafe extern "C" fn(*mut Handle) -> State,
    appender_error: unsafe extern "C" fn(Handle) -> *const c_char,
    end_row: unsafe extern "C" fn(Handle) -> State,
    append_null: unsafe extern "C" fn(Handle) -> State,
    append_int64: unsafe extern "C" fn(Handle, i64) -> State,
    append_text: unsafe extern "C" fn(Handle, *const c_char, u64) -> State,
}

/// A database that is open, with one connection.
pub struct Connection {
    calls: Calls,
    database: Handle,
    connection: Handle,
    // The functions above lie in it.
    _library: Library,
}

// SAFETY: DuckDB ties neither handle to a thread, and a connection is used by one thread at a time: it is not `Sync`.
unsafe impl Send for Connection {}

const VARCHAR: u32 = 17;

fn candidates() -> Vec<PathBuf> {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|exe| Some(exe.parent()?.join("libduckdb.so")));
    let named = std::env::var_os("SIDETONE_DUCKDB").map(PathBuf::from);
    let built = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/lib/libduckdb.so")).to_owned();
    named
        .into_iter()
        .chain(beside.into_iter().chain([built]).filter(|p| p.exists()))
        .chain([PathBuf::from("libduckdb.so")])
        .collect()
}

fn library() -> Result<Library, DuckError> {
    let mut last = None;
    for path in candidates() {
        // SAFETY: the library's initialisers are DuckDB's own; nothing of ours runs in them.
        match unsafe { Library::new(&path) } {
            Ok(library) => return Ok(library),
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(
        || DuckError::Statement("no library was looked for".to_owned()),
        DuckError::Library,
    ))
}

impl Calls {
    fn of(library: &Library) -> Result<Self, libloading::Error> {
        // SAFETY: names and signatures are those of duckdb.h 1.5, which the pinned library implements; `Connection` keeps
        // the library for as long as the functions.
        unsafe {
            Ok(Self {
                close: *library.get(b"duckdb_close")?,
                disconnect: *library.get(b"duckdb_disconnect")?,
                query: *library.get(b"duckdb_query")?,
                destroy_result: *library.get(b"duckdb_destroy_result")?,
                result_error: *library.get(b"duckdb_result_error")?,
                column_count: *library.get(b"duckdb_column_count")?,
                column_type: *library.get(b"duckdb_column_type")?,
                row_count: *library.get(b"duckdb_row_count")?,
                value_is_null: *library.get(b"duckdb_value_is_null")?,
                value_int64: *library.get(b"duckdb_value_int64")?,
                value_varchar: *library.get(b"duckdb_value_varchar")?,
                free: *library.get(b"duckdb_free")?,
                appender_create: *library.get(b"duckdb_appender_create")?,
                appender_destroy: *library.get(b"duckdb_appender_destroy")?,
                appender_error: *library.get(b"duckdb_appender_error")?,
                end_row: *library.get(b"duckdb_appender_end_row")?,
                append_null: *library.get(b"duckdb_append_null")?,
                append_int64: *library.get(b"duckdb_append_int64")?,
                append_text: *library.get(b"duckdb_append_varchar_length")?,
            })
        }
    }
}

/// A text of the library's, copied; empty for none.
///
/// # Safety
/// `text` is null or a C string that lives for this call.
unsafe fn copied(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: as above.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

impl Connection {
    /// Opens a database file, or one in memory.
    pub fn open(path: Option<&Path>) -> Result<Self, DuckError> {
        let library = library()?;
        let calls = Calls::of(&library)?;
        let name = path.map_or_else(
            || Ok(CString::default()),
            |p| CString::new(p.to_string_lossy().as_bytes()),
        )?;
        let (mut database, mut connection) = (null_mut(), null_mut());
        // SAFETY: as in `Calls::of`; both handles are written by the library when it answers 0.
        let opened = unsafe {
            let open: libloading::Symbol<'_, unsafe extern "C" fn(*const c_char, *mut Handle) -> State> =
                library.get(b"duckdb_open")?;
            let connect: libloading::Symbol<'_, unsafe extern "C" fn(Handle, *mut Handle) -> State> =
                library.get(b"duckdb_connect")?;
            let name = if path.is_some() {
                name.as_ptr()
            } else {
                std::ptr::null()
            };
            open(name, &raw mut database) == 0 && connect(database, &raw mut connection) == 0
        };
        let this = Self {
            calls,
            database,
            connection,
            _library: library,
        };
        if opened {
            Ok(this)
        } else {
            Err(DuckError::Open(path.unwrap_or(Path::new("in memory")).to_owned()))
        }
    }

    /// Runs statements and keeps nothing of what they answer.
    pub fn execute(&self, sql: &str) -> Result<(), DuckError> {
        self.query(sql).map(|_| ())
    }

    /// The whole numbers of the first column.
    pub(crate) fn ints(&self, sql: &str) -> Result<Vec<i64>, DuckError> {
        let rows = self.query(sql)?;
        Ok(rows.iter().filter_map(|row| row.first()?.int()).collect())
    }

    /// Runs statements; the rows are those of the last.
    pub fn query(&self, sql: &str) -> Result<Vec<Vec<Value>>, DuckError> {
        let text = CString::new(sql)?;
        let mut result = RawResult([null_mut(); 6]);
        // SAFETY: the connection is open; the library writes the result, which is destroyed once below whatever the state.
        unsafe {
            let state = (self.calls.query)(self.connection, text.as_ptr(), &raw mut result);
            let answer = if state == 0 {
                Ok(self.rows(&mut result))
            } else {
                Err(DuckError::Statement(copied((self.calls.result_error)(&raw mut result))))
            };
            (self.calls.destroy_result)(&raw mut result);
            answer
        }
    }

    /// # Safety
    /// `result` is one that the library wrote and that is not destroyed.
    unsafe fn rows(&self, result: &mut RawResult) -> Vec<Vec<Value>> {
        let result: *mut RawResult = result;
        // SAFETY: as above; rows and columns stay below the counts; a text is freed once after it was copied.
        unsafe {
            let (columns, rows) = ((self.calls.column_count)(result), (self.calls.row_count)(result));
            let value = |column: u64, row: u64| {
                if (self.calls.value_is_null)(result, column, row) {
                    return Value::Null;
                }
                if (self.calls.column_type)(result, column) != VARCHAR {
                    return Value::Int((self.calls.value_int64)(result, column, row));
                }
                let text = (self.calls.value_varchar)(result, column, row);
                let copy = copied(text);
                (self.calls.free)(text.cast());
                Value::Text(copy)
            };
            (0..rows)
                .map(|row| (0..columns).map(|column| value(column, row)).collect())
                .collect()
        }
    }

    /// All of `work` stands, or, where it fails or the program dies in it, nothing of it. Not within itself.
    pub fn all_or_nothing(&self, work: impl FnOnce(&Self) -> Result<(), DuckError>) -> Result<(), DuckError> {
        self.execute("begin transaction")?;
        match work(self) {
            Ok(()) => self.execute("commit"),
            Err(error) => {
                // Where the rollback fails, too, the connection is of no use: the first error says why.
                let _ = self.execute("rollback");
                Err(error)
            }
        }
    }

    /// Appends rows to a table; none of them stands if one fails.
    pub fn append(&self, table: &str, rows: &[Vec<Value>]) -> Result<(), DuckError> {
        let name = CString::new(table)?;
        let mut appender = null_mut();
        // SAFETY: the connection is open; the appender is destroyed once; texts live for the call that copies them.
        unsafe {
            let mut good =
                (self.calls.appender_create)(self.connection, std::ptr::null(), name.as_ptr(), &raw mut appender) == 0;
            for row in rows {
                for value in row {
                    good = good
                        && 0 == match value {
                            Value::Null => (self.calls.append_null)(appender),
                            Value::Int(number) => (self.calls.append_int64)(appender, *number),
                            Value::Text(text) => {
                                (self.calls.append_text)(appender, text.as_ptr().cast(), text.len() as u64)
                            }
                        };
                }
                good = good && (self.calls.end_row)(appender) == 0;
            }
            let error = if good {
                String::new()
            } else {
                copied((self.calls.appender_error)(appender))
            };
            let closed = (self.calls.appender_destroy)(&raw mut appender) == 0;
            if good && closed {
                Ok(())
            } else {
                Err(DuckError::Statement(format!("rows for {table}: {error}")))
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: both handles are the library's or null, which it takes; nothing uses them after.
        unsafe {
            (self.calls.disconnect)(&raw mut self.connection);
            (self.calls.close)(&raw mut self.database);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_went() -> Result<(), DuckError> {
        let duck = Connection::open(None)?;
        duck.execute("create table t (a bigint, b varchar)")?;
        let rows = vec![
            vec![Value::Int(i64::MAX), "\u{4e00}'".into()],
            vec![Value::Null, Value::Null],
        ];
        duck.append("t", &rows)?;
        assert_eq!(duck.query("select a, b from t order by a nulls last")?, rows);
        assert!(matches!(duck.execute("selec"), Err(DuckError::Statement(_))));
        Ok(())
    }
}
