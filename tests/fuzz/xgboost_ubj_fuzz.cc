#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/xgboost_model.h"

FUZZ_TEXT(text) {
  // The second byte decides what a file is: '{' and the type of a length is UBJSON.
  if (text.substr(0, 2) == "{L") fuzz::TryModel(text);
}
