//! What runs on the media thread, under the switch's locks, fifty times a second for each leg.
//!
//! Copy, push, return. The one function of the switch that it calls is the bug's read, once for each frame
//! (and its flush, once when a bypass ends).

use std::ffi::{c_int, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::abi::{self, Bool, Frame, MediaBug};
use crate::counters::COUNTERS;
use crate::guard::guarded;
use crate::leg::Leg;
use crate::ring::Stamp;

/// When set, every entry of the module does nothing.
pub(crate) static BYPASS: AtomicBool = AtomicBool::new(false);

const KEEP: Bool = abi::YES;
const REMOVE: Bool = abi::NO;

/// `SWITCH_RECOMMENDED_BUFFER_SIZE`: the switch's own frames are never longer.
const BUFFER_SAMPLES: usize = 4096;

/// The bug's callback. `user_data` is a leg as [`Arc::into_raw`] gave it.
///
/// # Safety
/// The switch calls it with what was given to `switch_core_media_bug_add`, never two at once for one bug, and
/// never after `CLOSE`.
pub(crate) unsafe extern "C" fn on_media(bug: *mut MediaBug, user_data: *mut c_void, kind: c_int) -> Bool {
    let leg: *const Leg = user_data.cast_const().cast();
    match kind {
        abi::ABC_READ => {
            // SAFETY: the switch holds one reference until `CLOSE`, so the leg is there.
            let leg = unsafe { &*leg };
            guarded(None, || Some(on_frame(bug, leg))).unwrap_or_else(|| {
                leg.faulty.store(true, Ordering::Relaxed);
                REMOVE
            })
        }
        abi::ABC_CLOSE => {
            // SAFETY: as above; the reference that the switch held is given up here.
            guarded((), || unsafe { release(leg) });
            KEEP
        }
        _ => KEEP,
    }
}

/// Gives up the switch's reference, once.
///
/// # Safety
/// `leg` is what [`Arc::into_raw`] gave, and a reference is still held, by the switch or by the caller.
pub(crate) unsafe fn release(leg: *const Leg) {
    // SAFETY: the caller says that the leg is there.
    let held = unsafe { &*leg };
    held.set_end();
    if !held.released.swap(true, Ordering::AcqRel) {
        // SAFETY: `released` was false, so the reference given to the switch has not been taken back.
        drop(unsafe { Arc::from_raw(leg) });
    }
}

fn on_frame(bug: *mut MediaBug, leg: &Leg) -> Bool {
    if BYPASS.load(Ordering::Relaxed) || leg.bypassed.load(Ordering::Relaxed) {
        leg.stale.store(true, Ordering::Relaxed);
        return KEEP;
    }
    if leg.stale.load(Ordering::Relaxed) {
        leg.stale.store(false, Ordering::Relaxed);
        // SAFETY: `bug` is the one that calls us; its read lock may be taken twice by one thread.
        unsafe { abi::switch_core_media_bug_flush(bug) };
        return KEEP;
    }
    #[cfg(debug_assertions)]
    test_fault(leg);

    let mut samples = [0i16; BUFFER_SAMPLES];
    let mut frame = Frame {
        head: [0; 40],
        data: samples.as_mut_ptr().cast(),
        datalen: 0,
        buflen: (BUFFER_SAMPLES * 2) as u32,
        samples: 0,
        rate: 0,
        channels: 0,
        tail: [0; 188],
    };
    // SAFETY: `bug` is the one that calls us; the frame's buffer is as long as it says.
    if unsafe { abi::switch_core_media_bug_read(bug, &raw mut frame, abi::YES) } != abi::SUCCESS {
        return KEEP;
    }
    let length = (frame.datalen as usize / 2).min(BUFFER_SAMPLES);
    push(leg, &frame, &samples[..length]);
    KEEP
}

fn push(leg: &Leg, frame: &Frame, samples: &[i16]) {
    let channels = match frame.channels {
        0 | 1 => 1u8,
        2 => 2,
        _ => return COUNTERS.frames_unusable.one(),
    };
    if samples.is_empty() || frame.rate == 0 {
        return COUNTERS.frames_unusable.one();
    }
    if leg.rate.load(Ordering::Relaxed) != u64::from(frame.rate) {
        leg.rate.store(u64::from(frame.rate), Ordering::Relaxed);
        leg.position.store(0, Ordering::Relaxed);
    }
    let position = leg.position.load(Ordering::Relaxed);
    leg.position.store(
        position + (samples.len() / usize::from(channels)) as u64,
        Ordering::Relaxed,
    );
    if leg.paused.load(Ordering::Relaxed) {
        return;
    }
    let captured = leg.began.elapsed();
    leg.ring.push(
        Stamp {
            position,
            captured,
            rate: frame.rate,
            channels,
        },
        samples,
    );
}

/// Debug builds can be told to fail here, to show that it stays here.
#[cfg(debug_assertions)]
#[allow(clippy::panic)]
fn test_fault(leg: &Leg) {
    if leg.fault.swap(false, Ordering::Relaxed) {
        panic!("a fault that a test asked for");
    }
}
