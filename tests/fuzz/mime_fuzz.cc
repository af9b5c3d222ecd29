#include <set>

#include "notifier/email/mime.h"
#include "tests/fuzz/fuzz.h"

namespace {

constexpr std::string_view kEnd = "\r\n";

// Every line of the mail is clean 7-bit text of a length that any server takes.
void PromiseLines(std::string_view mail) {
  PROMISE(mail.ends_with(kEnd));
  while (!mail.empty()) {
    const std::size_t end = mail.find(kEnd);
    PROMISE(end <= 998);
    for (const char c : mail.substr(0, end)) PROMISE((c >= ' ' && c <= '~') || c == '\t');
    mail.remove_prefix(end + kEnd.size());
  }
}

// Only the headers that we write, each once: nothing in a message can begin another one.
void PromiseHeaders(std::string_view headers) {
  const std::set<std::string_view> ours = {"Date",
                                           "From",
                                           "To",
                                           "Subject",
                                           "Message-Id",
                                           "In-Reply-To",
                                           "References",
                                           "X-Priority",
                                           "MIME-Version",
                                           "Auto-Submitted",
                                           "Importance",
                                           "Content-Type",
                                           "Content-Transfer-Encoding"};
  std::set<std::string_view> seen;
  while (!headers.empty()) {
    const std::string_view line = headers.substr(0, headers.find(kEnd));
    headers.remove_prefix(line.size() + kEnd.size());
    if (line.starts_with(' ')) continue;  // folded
    const std::string_view name = line.substr(0, line.find(':'));
    PROMISE(ours.count(name) == 1);
    PROMISE(seen.insert(name).second);
  }
  PROMISE(seen.count("Subject") == 1 && seen.count("Message-Id") == 1 && seen.count("To") == 1);
}

unsigned HexValue(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'A' + 10); }

// RFC 2045 6.7, from the reader's side; line ends become LF.
std::string Decoded(std::string_view body) {
  std::string text;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '=' && body.substr(i + 1).starts_with(kEnd)) {
      i += 2;
    } else if (body[i] == '=') {
      PROMISE(i + 2 < body.size());
      text += static_cast<char>(HexValue(body[i + 1]) * 16 + HexValue(body[i + 2]));
      i += 2;
    } else if (body[i] != '\r') {
      text += body[i];
    }
  }
  return text;
}

// What the reader has to see: the last line may lack its end.
std::string WithLf(std::string_view text) {
  std::string whole(text);
  if (!whole.ends_with('\n')) whole += '\n';
  std::string result;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (whole[i] != '\r' || whole[i + 1] != '\n') result += whole[i];
  }
  return result;
}

std::string MessageIdOf(const std::string& mail) {
  const std::size_t start = mail.find("\r\nMessage-Id: ") + kEnd.size();
  return mail.substr(start, mail.find(kEnd, start) - start);
}

}  // namespace

FUZZ_TEXT(text) {
  // "SUBJECT|KEY|THREAD|HTML|TEXT"
  notifier::Message message{.target = "admin@example.org", .created_at_ms = 1'763'825'843'042};
  message.subject = fuzz::CutFirst(&text, '|');
  message.key = fuzz::CutFirst(&text, '|');
  message.thread = fuzz::CutFirst(&text, '|');
  message.html = fuzz::CutFirst(&text, '|');
  message.text = text;
  message.urgent = text.size() % 2 == 0;

  const std::string mail = notifier::RenderMail(message, "fraud@example.org", {});
  PromiseLines(mail);
  const std::size_t body = mail.find("\r\n\r\n");
  PROMISE(body != std::string::npos);
  PromiseHeaders(std::string_view(mail).substr(0, body + kEnd.size()));
  if (message.html.empty()) PROMISE(Decoded(mail.substr(body + 4)) == WithLf(message.text));

  const notifier::Attempt again{.number = 2, .possible_repeat = true};
  const std::string repeat = notifier::RenderMail(message, "fraud@example.org", again);
  PromiseLines(repeat);
  PROMISE(repeat != mail);
  PROMISE(MessageIdOf(repeat) == MessageIdOf(mail));
}
