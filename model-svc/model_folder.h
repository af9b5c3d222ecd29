#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "model-svc/xgboost/forest.h"

namespace model {

// A model as it is served. Immutable.
struct Model {
  std::string version;                // meta.json: model_version
  std::string run_id;                 // of the training run, "" when there was none
  std::string sha256;                 // of the model file, lower-case hex
  float threshold = 0;                // a score from here on is a fraud
  std::vector<std::string> features;  // the columns, in order
  std::string training;  // meta.json: the object `training`, as JSON text ("{}" when absent)
  std::string sums;      // the text of SHA256SUMS: the same text is the same folder
  xgboost::Forest forest;
};

// A model folder (docs/model-folder.md):
//   SHA256SUMS   as sha256sum writes it, one line for each of the other four files and no other:
//                64 lower-case hex digits, two blanks, the name, "\n"; sorted by name
//   meta.json    {"format": 1, "model_version", "run_id" (string or null), "threshold" (0..1),
//                 "training": {...}}; other members are ignored
//   schema.json  {"features": [name, ...], "sha256": of the names, each followed by "\n"}
//   golden.json  {"rows": [[number or null, ...], ...], "scores": [number, ...]}: at least one row
//   model.json | model.ubj, exactly one of the two
//
// Reads all of it and proves it: the hashes, the feature names of the model equal the schema's in
// order, and every golden row scores within 1e-6 of what was written down. The Error names the file
// and the reason: kNotFound or kDenied for a file that cannot be read, kInvalid for what is wrong
// in it, kCorrupt for a hash that does not match. Any other file in the folder is ignored.
base::Result<std::shared_ptr<const Model>> LoadFolder(const std::string& path);

}  // namespace model
