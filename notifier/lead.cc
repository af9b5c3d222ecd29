#include "notifier/lead.h"

namespace notifier {
namespace {

std::string Html(const std::string& sentence) {
  std::string safe;
  for (const char c : sentence) {
    if (c == '<' || c == '>' || c == '&') {
      safe += c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;";
    } else {
      safe += c;
    }
  }
  return "<p><strong>" + safe + "</strong></p>\n";
}

}  // namespace

void LeadWith(const std::string& sentence, Message* message) {
  const std::size_t shift = sentence.size() + 2;
  message->text = sentence + "\n\n" + message->text;
  for (Span& span : message->bold) span = {span.begin + shift, span.end + shift};
  message->bold.insert(message->bold.begin(), {0, sentence.size()});
  if (message->html.empty()) return;
  const std::size_t body = message->html.find("<body");
  const std::size_t inside = body == std::string::npos ? body : message->html.find('>', body);
  message->html.insert(inside == std::string::npos ? 0 : inside + 1, Html(sentence));
}

void MarkOvertaken(base::WallMs since, Message* message) {
  message->subject = "[earlier episode] " + message->subject;
  LeadWith(std::string(kOvertaken) + base::FormatUtc(since) + ".", message);
}

}  // namespace notifier
