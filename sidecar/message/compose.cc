#include "sidecar/message/compose.h"

#include "base/escape.h"
#include "sidecar/message/json_text.h"
#include "sidecar/message/render.h"

namespace sidecar::message {
namespace {

std::string OneLine(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

// The plain text, and what of it is bold: the headline and the rows' names.
void AddText(const std::string& headline, const std::vector<std::string>& paragraphs,
             const Rows& rows, notifier::Message* message) {
  std::string& text = message->text;
  message->bold.reserve(rows.size() + 1);
  message->bold.push_back({0, headline.size()});
  text = headline + "\n";
  for (const std::string& paragraph : paragraphs) text += "\n" + paragraph + "\n";
  if (!rows.empty()) text += "\n";
  for (const auto& [name, value] : rows) {
    message->bold.push_back({text.size(), text.size() + name.size() + 1});
    text += name + ": " + value + "\n";
  }
}

std::string HtmlValue(const std::string& value) {
  const bool link = value.starts_with("http://") || value.starts_with("https://");
  const std::string safe = base::HtmlEscaped(value);
  return link ? "<a href=\"" + safe + "\">" + safe + "</a>" : safe;
}

std::string HtmlText(const std::string& headline, const std::vector<std::string>& paragraphs,
                     const Rows& rows, const char* color) {
  std::string html = "<!DOCTYPE html><html><body style=\"font-family:sans-serif\">";
  html += std::string("<h2 style=\"color:") + color + "\">" + base::HtmlEscaped(headline) + "</h2>";
  for (const std::string& paragraph : paragraphs)
    html += "<p>" + base::HtmlEscaped(paragraph) + "</p>";
  html += "<table cellpadding=\"4\">";
  for (const auto& [name, value] : rows) {
    html += "<tr><td valign=\"top\"><b>" + base::HtmlEscaped(name) + "</b></td><td>" +
            HtmlValue(value) + "</td></tr>\n";
  }
  return html + "</table></body></html>\n";
}

}  // namespace

notifier::Message Compose(const std::string& subject, const std::string& headline,
                          const std::vector<std::string>& paragraphs, const Rows& rows,
                          const Rows& links, const char* color) {
  Rows all = rows;
  all.insert(all.end(), links.begin(), links.end());
  notifier::Message message{.subject = Cut(OneLine(subject), kMaxSubject),
                            .html = HtmlText(headline, paragraphs, all, color)};
  AddText(headline, paragraphs, rows, &message);
  return message;
}

}  // namespace sidecar::message
