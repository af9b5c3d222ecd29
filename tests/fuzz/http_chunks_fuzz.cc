#include <vector>

#include "base/http_server_chunks.h"
#include "tests/fuzz/fuzz.h"

namespace {

// The body of `input`, read in pieces of `piece` bytes into `room` bytes at a time.
std::string ReadAll(std::string_view input, std::size_t piece, std::size_t room, bool* done) {
  base::http_server::ChunkReader reader;
  std::string body;
  std::vector<char> out(room);
  while (!input.empty() && !reader.done() && !reader.broken()) {
    std::string_view part = input.substr(0, piece);
    const std::size_t before = part.size();
    const std::size_t count = reader.Read(&part, out.data(), room);
    PROMISE(count <= room);
    PROMISE(count > 0 || part.size() < before || reader.done() || reader.broken());
    body.append(out.data(), count);
    input.remove_prefix(before - part.size());
  }
  *done = reader.done();
  return body;
}

}  // namespace

// However the bytes arrive, the body is the same.
FUZZ_TEXT(text) {
  bool whole_done = false;
  bool bytewise_done = false;
  const std::string whole = ReadAll(text, text.size() + 1, 4096, &whole_done);
  const std::string bytewise = ReadAll(text, 1, 1, &bytewise_done);
  PROMISE(whole_done == bytewise_done);
  PROMISE(whole == bytewise);
  PROMISE(whole.size() <= text.size());
}
