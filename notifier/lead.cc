#include "notifier/lead.h"

#include "base/escape.h"

namespace notifier {
void LeadWith(const std::string& sentence, Message* message) {
  const std::size_t shift = sentence.size() + 2;
  message->text = sentence + "\n\n" + message->text;
  for (Span& span : message->bold) span = {span.begin + shift, span.end + shift};
  message->bold.insert(message->bold.begin(), {0, sentence.size()});
  if (message->html.empty()) return;
  const std::size_t body = message->html.find("<body");
  const std::size_t inside = body == std::string::npos ? body : message->html.find('>', body);
  message->html.insert(inside == std::string::npos ? 0 : inside + 1,
                       "<p><strong>" + base::HtmlEscaped(sentence) + "</strong></p>\n");
}

void MarkOvertaken(base::WallMs since, Message* message) {
  message->subject = "[earlier episode] " + message->subject;
  LeadWith(std::string(kOvertaken) + base::FormatUtc(since) + ".", message);
}

}  // namespace notifier
