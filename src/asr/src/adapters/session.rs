//! ONNX Runtime on one graph, from any number of threads. sherpa-onnx brings the library along.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::TensorRef;

/// A graph with one input of samples and one output of scores.
pub(super) struct Sessions {
    graph: PathBuf,
    /// Those that nobody runs at present. A run needs one for itself, so there are as many as ever ran at once.
    idle: Mutex<Vec<Session>>,
}

impl Sessions {
    /// Loads the graph once.
    ///
    /// # Errors
    /// When it cannot be loaded, in the library's words.
    pub(super) fn load(graph: &Path) -> Result<Self, String> {
        let first = open(graph)?;
        Ok(Self {
            graph: graph.to_owned(),
            idle: Mutex::new(vec![first]),
        })
    }

    /// What `read` makes of the graph's answer to `samples`: rows of `width` scores one after the other.
    ///
    /// # Errors
    /// When the library fails, in its words, or the graph is another one.
    pub(super) fn run<T>(&self, samples: &[f32], width: usize, read: impl FnOnce(&[f32]) -> T) -> Result<T, String> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut session = idle.map_or_else(|| open(&self.graph), Ok)?;
        let answer = answer(&mut session, samples, width, read);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
        answer
    }
}

fn open(graph: &Path) -> Result<Session, String> {
    let builder = || -> ort::Result<Session> {
        Session::builder()?
            .with_intra_threads(1)?
            .with_optimization_level(GraphOptimizationLevel::Level3)?
            .commit_from_file(graph)
    };
    builder().map_err(|error| format!("{}: {error}", graph.display()))
}

fn answer<T>(
    session: &mut Session,
    samples: &[f32],
    width: usize,
    read: impl FnOnce(&[f32]) -> T,
) -> Result<T, String> {
    let shape = [1, samples.len()];
    let input = TensorRef::from_array_view((shape, samples)).map_err(|error| error.to_string())?;
    let outputs = session.run(ort::inputs![input]).map_err(|error| error.to_string())?;
    let (shape, scores) = outputs[0]
        .try_extract_tensor::<f32>()
        .map_err(|error| error.to_string())?;
    if shape.last().is_none_or(|&wide| usize::try_from(wide) != Ok(width)) {
        return Err(format!(
            "the graph has scores of shape {shape:?}, its list of tokens has {width}"
        ));
    }
    Ok(read(scores))
}
