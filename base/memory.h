#pragma once

namespace base {

// Returns to the kernel what only the start of the program needed: free heap pages, and the pages
// of the program and its libraries that were read while they were linked and initialised. Those are
// clean copies of files; the kernel maps one again, from its page cache, when the code comes by.
// Writable segments are left alone. To be called once, when the program has started. Any thread.
//
// A sidecar is there once per pod: of some 12 MB that linking libcurl and its libraries leaves
// mapped, the work at 1 Hz touches less than half (bench/run idle; docs/adr/0007).
void ReturnStartupMemory();

// All threads share one heap, for programs with few threads that seldom allocate at the same time.
// malloc_trim(3) returns the free end of the first heap only (glibc 2.36; docs/adr/0014). To be
// called in main, before there are threads.
void UseOneHeap();

// Returns free heap pages only: after a burst the heap would keep what the burst needed. Any
// thread.
void ReturnFreeMemory();

}  // namespace base
