#include "whisper.h"

#include <algorithm>
#include <cstring>
#include <istream>
#include <memory>
#include <streambuf>
#include <string>

#include <ctranslate2/models/whisper.h>
#include <ctranslate2/utils.h>

namespace ct2 = ctranslate2;

struct SidetoneModel {
  std::shared_ptr<const ct2::models::Model> model;
};

struct SidetoneWorker {
  std::unique_ptr<ct2::models::WhisperReplica> replica;
};

namespace {

// Reads bytes where they are.
class View : public std::streambuf {
public:
  View(const char *bytes, size_t length) {
    char *begin = const_cast<char *>(bytes); // the get area of a stream buffer is never written
    setg(begin, begin, begin + length);
  }

protected:
  // The library looks for the end before it believes a length.
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode) override {
    char *base = from == std::ios_base::beg ? eback() : from == std::ios_base::cur ? gptr() : egptr();
    if (offset < eback() - base || offset > egptr() - base)
      return pos_type(off_type(-1));
    setg(eback(), base + offset, egptr());
    return pos_type(gptr() - eback());
  }

  pos_type seekpos(pos_type position, std::ios_base::openmode mode) override {
    return seekoff(off_type(position), std::ios_base::beg, mode);
  }
};

class ViewStream : private View, public std::istream {
public:
  ViewStream(const char *bytes, size_t length) : View(bytes, length), std::istream(static_cast<View *>(this)) {}
};

class Files : public ct2::models::ModelReader {
public:
  explicit Files(const SidetoneFiles &files) : _files(files) {}

  std::string get_model_id() const override { return "whisper"; }

  std::unique_ptr<std::istream> get_file(const std::string &name, const bool) override {
    if (name == "model.bin")
      return std::make_unique<ViewStream>(reinterpret_cast<const char *>(_files.model), _files.model_length);
    if (name == "vocabulary.txt")
      return std::make_unique<ViewStream>(_files.vocabulary, std::strlen(_files.vocabulary));
    if (name == "config.json")
      return std::make_unique<ViewStream>(_files.config, std::strlen(_files.config));
    return nullptr;
  }

private:
  const SidetoneFiles &_files;
};

void say(char *error, size_t size, const char *reason) {
  if (size == 0)
    return;
  std::strncpy(error, reason, size - 1);
  error[size - 1] = '\0';
}

// Runs `body`; what it throws becomes `error`, and `fallback` the result.
template <typename Result, typename Body>
Result guarded(char *error, size_t size, Result fallback, Body body) {
  try {
    return body();
  } catch (const std::exception &thrown) {
    say(error, size, thrown.what());
  } catch (...) {
    say(error, size, "an exception without a reason");
  }
  return fallback;
}

std::vector<size_t> prompt_of(const SidetoneRequest &request) {
  return {request.prompt, request.prompt + request.prompt_length};
}

void decode(ct2::models::WhisperReplica &replica, const SidetoneRequest &request, SidetoneReply &reply) {
  // The setting is each calling thread's own.
  ct2::set_num_threads(request.threads);
  const ct2::Shape shape{1, static_cast<ct2::dim_t>(request.bands), static_cast<ct2::dim_t>(request.frames)};
  ct2::StorageView mel(shape, std::vector<float>(request.mel, request.mel + request.bands * request.frames));
  ct2::models::WhisperOptions options;
  options.beam_size = request.beam;
  options.no_repeat_ngram_size = request.unlike;
  // The library keeps half of it for the prompt.
  options.max_length = std::max(2 * request.max_tokens, request.max_tokens + request.prompt_length);
  options.return_scores = true;
  options.return_no_speech_prob = true;
  const auto results = replica.generate(std::move(mel), {prompt_of(request)}, options);
  const auto &result = results.at(0);
  const auto &tokens = result.sequences_ids.at(0);
  reply.length = std::min(tokens.size(), reply.capacity);
  std::copy_n(tokens.begin(), reply.length, reply.tokens);
  reply.score = result.has_scores() ? result.scores[0] : 0.0f;
  reply.no_speech = result.no_speech_prob;
}

} // namespace

extern "C" {

SidetoneModel *sidetone_whisper_load(const SidetoneFiles *files, char *error, size_t size) {
  return guarded<SidetoneModel *>(error, size, nullptr, [&] {
    Files reader(*files);
    auto model = std::make_unique<SidetoneModel>();
    model->model = ct2::models::Model::load(reader, ct2::Device::CPU, 0, ct2::ComputeType::INT8);
    return model.release();
  });
}

void sidetone_whisper_unload(SidetoneModel *model) { delete model; }

SidetoneWorker *sidetone_whisper_worker(const SidetoneModel *model, char *error, size_t size) {
  return guarded<SidetoneWorker *>(error, size, nullptr, [&] {
    auto worker = std::make_unique<SidetoneWorker>();
    worker->replica = ct2::models::WhisperReplica::create_from_model(*model->model);
    return worker.release();
  });
}

void sidetone_whisper_dismiss(SidetoneWorker *worker) { delete worker; }

bool sidetone_whisper_decode(SidetoneWorker *worker, const SidetoneRequest *request, SidetoneReply *reply,
                             char *error, size_t size) {
  return guarded(error, size, false, [&] {
    decode(*worker->replica, *request, *reply);
    return true;
  });
}

}
