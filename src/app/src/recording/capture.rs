//! Which call of a capture is heard, and what its payload types carry.

use std::str::FromStr;

use sidetone_base::PayloadType;
use sidetone_media::Codec;
use sidetone_media::file::Recorded;
use sidetone_media::file::pcap::{Capture, CapturedCall, Party, PayloadUse};

use super::Reading;

/// What a payload type carries, as a person says it: `96=L16/16000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    number: u8,
    rtpmap: String,
}

impl FromStr for Payload {
    type Err = String;

    fn from_str(said: &str) -> Result<Self, String> {
        let (number, rtpmap) = said
            .split_once('=')
            .ok_or("write it as TYPE=NAME/RATE, for example 96=L16/16000")?;
        let number = number.trim().parse::<u8>().ok().filter(|number| *number < 128);
        let number = number.ok_or("a payload type is a number from 0 to 127")?;
        let rtpmap = rtpmap.trim().to_owned();
        if Codec::from_rtpmap(&rtpmap).is_none() {
            return Err(format!(
                "{rtpmap} is not decoded here; PCMU/8000, PCMA/8000, G722/8000, opus/48000/2 and L16/RATE are, and \
                 telephone-event/8000 and CN/8000 are passed over"
            ));
        }
        Ok(Self { number, rtpmap })
    }
}

/// The call that is heard.
#[derive(Debug)]
pub(super) struct Chosen {
    call: CapturedCall,
    said: Vec<Payload>,
}

impl Chosen {
    pub(super) fn parties(&self) -> usize {
        self.call.parties.len()
    }

    pub(super) fn frames(&self) -> impl Iterator<Item = Recorded> + '_ {
        self.call.frames.iter().cloned()
    }

    /// What signalling and the person say of a party's payload types; the person is right.
    pub(super) fn payload_types(&self, leg: usize) -> Vec<PayloadType> {
        let payloads = self.call.parties.get(leg).map(|party| party.payloads.as_slice());
        let heard = |PayloadUse { number, rtpmap, .. }: &PayloadUse| {
            let said = self
                .said
                .iter()
                .find(|said| said.number == *number)
                .map(|said| said.rtpmap.clone());
            let rtpmap = said.or_else(|| rtpmap.clone())?;
            Some(PayloadType {
                number: *number,
                rtpmap,
            })
        };
        payloads.unwrap_or_default().iter().filter_map(heard).collect()
    }
}

/// The call that `reading` asks for, or the only one.
pub(super) fn choose(
    mut capture: Capture,
    reading: &Reading,
    is_alone: bool,
    notes: &mut Vec<String>,
) -> Result<Chosen, String> {
    notes.append(&mut capture.notes);
    let chosen = match (reading.call, capture.calls.len()) {
        (_, 0) => return Err(with("the capture holds no RTP", notes)),
        (Some(number), count) if !(1..=count).contains(&number) => {
            return Err(format!("no call {number}: {}", listed(&capture)));
        }
        (Some(number), _) => number - 1,
        (None, 1) => 0,
        (None, _) => only_two_way(&capture).ok_or_else(|| listed(&capture))?,
    };
    if capture.calls.len() > 1 && reading.call.is_none() {
        notes.push(format!("call {} is heard: {}", chosen + 1, listed(&capture)));
    }
    let call = capture.calls.swap_remove(chosen);
    if is_alone && call.parties.len() < 2 {
        let reason = format!("the capture holds only one direction of the call ({call}); capture both");
        return Err(with(&reason, notes));
    }
    if let [first, second] = call.parties.as_slice() {
        let (caller, agent) = if reading.swap { (second, first) } else { (first, second) };
        notes.push(format!(
            "the caller is {caller}, the agent {agent}; --swap turns them round"
        ));
    }
    let said = reading.payloads.clone();
    for party in &call.parties {
        judge(party, &said, notes)?;
    }
    Ok(Chosen { call, said })
}

/// The call with both parties, when the others have one only.
fn only_two_way(capture: &Capture) -> Option<usize> {
    let mut two_way = (0..capture.calls.len()).filter(|index| capture.calls[*index].parties.len() == 2);
    two_way.next().filter(|_| two_way.next().is_none())
}

fn listed(capture: &Capture) -> String {
    let each = capture.calls.iter().enumerate();
    let calls: Vec<String> = each
        .map(|(index, call)| format!("\n  --call {}: {call}", index + 1))
        .collect();
    format!(
        "the capture holds {} calls; choose one with --call{}",
        calls.len(),
        calls.concat()
    )
}

fn with(reason: &str, notes: &[String]) -> String {
    if notes.is_empty() {
        return reason.to_owned();
    }
    format!("{reason}; {}", notes.join("; "))
}

/// Refuses a party of whom nothing can be heard, and says what cannot.
fn judge(party: &Party, said: &[Payload], notes: &mut Vec<String>) -> Result<(), String> {
    if party.is_encrypted {
        return Err(format!(
            "what {party} sends is encrypted (SRTP): capture on the other side of the switch"
        ));
    }
    let is_said = |payload: &PayloadUse| said.iter().any(|said| said.number == payload.number);
    let unknown: Vec<&PayloadUse> = party
        .payloads
        .iter()
        .filter(|payload| payload.is_unknown() && !is_said(payload))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let reasons: Vec<String> = unknown.iter().map(|payload| reason(party, payload)).collect();
    let reasons = reasons.join("; ");
    let lost: usize = unknown.iter().map(|payload| payload.packets).sum();
    let all: usize = party.payloads.iter().map(|payload| payload.packets).sum();
    // A few packets of an odd kind leave a call that can be heard.
    if lost * 2 > all {
        return Err(reasons);
    }
    notes.push(reasons);
    Ok(())
}

fn reason(party: &Party, payload: &PayloadUse) -> String {
    let PayloadUse {
        number, packets, bytes, ..
    } = payload;
    if let Some(name) = payload.name() {
        return format!(
            "payload type {number} from {party} is {name}, which is not decoded here ({packets} packets); \
             capture where the switch sends another codec"
        );
    }
    let guess = payload.guess();
    let looks = guess
        .as_ref()
        .map_or_else(String::new, |guess| format!(", which look like {guess}"));
    format!(
        "payload type {number} from {party} is not known ({packets} packets of up to {bytes} bytes{looks}); say what \
         it is with --payload {number}={}",
        guess.as_deref().unwrap_or("L16/16000")
    )
}
