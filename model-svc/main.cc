#include "base/memory.h"
#include "base/service.h"
#include "model-svc/app.h"

int main(int argc, char** argv) {
  base::UseOneHeap();
  return base::RunService<model::App>("fraud-model", model::ParseOptions(argc, argv));
}
