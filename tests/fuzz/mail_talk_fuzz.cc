#include "base/mail_talk.h"
#include "tests/fuzz/fuzz.h"

// Whatever a server answers: a verdict is one of SMTP's, and its text is safe to store and show.
FUZZ_TEXT(text) {
  const base::SteadyTime start{};
  base::MailTalk talk(base::Millis(10), base::Millis(20), start);
  talk.Connected();
  bool sent_all = false;
  while (!text.empty()) {
    const std::string line = fuzz::CutFirst(&text, '\n');
    if (line.starts_with('>')) {
      talk.Sent(line.substr(1), start);
    } else if (line.starts_with('.')) {
      talk.SentAll(start);
      sent_all = true;
    } else {
      talk.Received(line);
    }
    const auto verdict = talk.Verdict();
    if (!verdict) continue;
    PROMISE(verdict->code >= 200 && verdict->code < 600);
    PROMISE(verdict->code >= 400 || sent_all);
    PROMISE(verdict->text.size() <= 200);
    for (const char c : verdict->text) PROMISE(static_cast<unsigned char>(c) >= 0x20);
  }
}
