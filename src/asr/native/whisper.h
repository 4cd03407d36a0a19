// What the Rust side calls of CTranslate2's Whisper: plain C, no exception ever leaves it.
//
// A model is shared by threads, a worker is used by one at a time. Functions that can fail return null or
// false and write the reason, NUL-terminated and cut to `size`, into `error`.
#pragma once

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

extern "C" {

struct SidetoneModel;
struct SidetoneWorker;

// The files of a model; they need not live longer than the call.
struct SidetoneFiles {
  const uint8_t *model;
  size_t model_length;
  const char *vocabulary;  // one entry a line
  const char *config;      // JSON
};

struct SidetoneRequest {
  const float *mel;        // bands × frames, as Whisper wants it
  size_t bands;
  size_t frames;
  const uint32_t *prompt;  // ends with the start token, the language, the task and <|notimestamps|>
  size_t prompt_length;
  size_t beam;             // 1 is greedy
  size_t threads;          // that work at it
  size_t max_tokens;       // of text
  size_t unlike;           // so many tokens in a row come no second time; 0 for any
};

struct SidetoneReply {
  uint32_t *tokens;        // room for `capacity`, filled up to `length`
  size_t capacity;
  size_t length;
  float score;             // mean log probability of the tokens
  float no_speech;         // probability that nobody speaks, where the text begins
};

SidetoneModel *sidetone_whisper_load(const SidetoneFiles *files, char *error, size_t size);
void sidetone_whisper_unload(SidetoneModel *model);
SidetoneWorker *sidetone_whisper_worker(const SidetoneModel *model, char *error, size_t size);
void sidetone_whisper_dismiss(SidetoneWorker *worker);
bool sidetone_whisper_decode(SidetoneWorker *worker, const SidetoneRequest *request, SidetoneReply *reply,
                             char *error, size_t size);

}
