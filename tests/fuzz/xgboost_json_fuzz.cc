#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/xgboost_model.h"

FUZZ_TEXT(text) {
  // The second byte decides what a file is: '{' and a quote is JSON.
  if (text.substr(0, 2) == "{\"") fuzz::TryModel(text);
}
