// Writes example trajectories in a process of its own, so that tests can kill it, starve it of disk
// space, read along, or hand the result to Python.
#include <hdf5.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iomanip>
#include <string>

#include "engine/core/error.h"
#include "engine/system/elements.h"
#include "tests/io/hdf5/example_run.h"

namespace {

constexpr std::size_t kPageBytes = 4096;

long long writes_until_failure = -1;  // negative: never
long long n_torn_metadata = 0;        // pieces of metadata that fit a page, but were put on two

void count_if_torn(const void* data, std::size_t size, off_t offset) {
  const std::size_t to_page_end = kPageBytes - static_cast<std::size_t>(offset) % kPageBytes;
  if (size < 4 || size > kPageBytes || size <= to_page_end) return;
  for (const char* signature : {"OHDR", "OCHK", "EAHD", "EAIB", "EASB", "EADB"})
    if (std::memcmp(data, signature, 4) == 0) ++n_torn_metadata;
}

}  // namespace

// Stands in front of the C library's function of this name, for the HDF5 library too. The write at
// which it fails stops at the next memory page, as the operating system does for a killed process.
extern "C" ssize_t pwrite(int file, const void* data, std::size_t size, off_t offset) {
  count_if_torn(data, size, offset);
  if (writes_until_failure == 0) {
    const std::size_t to_page_end = kPageBytes - static_cast<std::size_t>(offset) % kPageBytes;
    if (size > to_page_end) ::syscall(SYS_pwrite64, file, data, to_page_end, offset);
    writes_until_failure = -2;
  }
  if (writes_until_failure == -2) {
    errno = EIO;
    return -1;
  }
  if (writes_until_failure > 0) --writes_until_failure;
  return ::syscall(SYS_pwrite64, file, data, size, offset);
}

namespace {

using namespace saltus;
using namespace saltus::io;

constexpr std::size_t kChains = 3;

void say(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(STDOUT_FILENO, text.data(), text.size()) < 0) std::exit(1);
}

TrajectoryWriter make_writer(const std::string& path, const TrajectoryOptions& options) {
  return TrajectoryWriter(path, example::make_topology(), example::make_masses(), kChains, options);
}

// Appends frames and tells each number of safe ones, until killed or `n_frames` are appended.
void append_and_tell(TrajectoryWriter& writer, std::uint64_t n_frames,
                     const TrajectoryOptions& options) {
  std::uint64_t told = writer.frames_written();
  for (std::uint64_t f = writer.frames_appended(); f < n_frames; ++f) {
    example::append_frames(writer, f, f + 1, kChains, options);
    if (writer.frames_written() == told) continue;
    told = writer.frames_written();
    say(std::to_string(told));
  }
}

// write PATH GZIP BLOCK_FRAMES FLUSH_SECONDS FRAMES
void write(char** arguments) {
  TrajectoryOptions options = example::full_options();
  options.gzip_level = std::stoi(arguments[1]);
  options.block_frames = std::stoul(arguments[2]);
  options.flush_seconds = std::stod(arguments[3]);
  TrajectoryWriter writer = make_writer(arguments[0], options);
  say("0");
  append_and_tell(writer, std::stoull(arguments[4]), options);
}

// Appends until it fails, tells why, tries again, and ends as a program would.
void append_until_failure(TrajectoryWriter& writer, const TrajectoryOptions& options) {
  try {
    append_and_tell(writer, 1'000'000, options);
  } catch (const engine::FileError& error) {
    say(error.what());
  }
  try {
    writer.flush();
  } catch (const engine::FileError& error) {
    say(error.what());
  }
}

// torn PATH FRAMES: tells how many small pieces of metadata lay across two memory pages.
void count_torn(char** arguments) {
  const TrajectoryOptions options = example::full_options();
  TrajectoryWriter writer = make_writer(arguments[0], options);
  example::append_frames(writer, 0, std::stoull(arguments[1]), kChains, options);
  writer.close();
  say(std::to_string(n_torn_metadata));
}

// limited PATH BYTES: the file may not grow beyond BYTES.
void limited(char** arguments) {
  const TrajectoryOptions options = example::full_options();
  TrajectoryWriter writer = make_writer(arguments[0], options);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlim_t bytes = std::stoull(arguments[1]);
  const rlimit limit{bytes, bytes};
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) throw std::runtime_error("setrlimit failed");
  append_until_failure(writer, options);
}

// full PATH SIZE: writes on a tmpfs of SIZE that only this process sees, then copies the file to
// PATH.
void full(char** arguments) {
  const std::filesystem::path path = arguments[0], folder = path.parent_path() / "small_disk";
  std::filesystem::create_directory(folder);
  const std::string size = std::string("size=") + arguments[1];
  if (::unshare(CLONE_NEWNS) != 0 ||
      ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", folder.c_str(), "tmpfs", 0, size.c_str()) != 0) {
    say("not permitted");
    return;
  }
  const TrajectoryOptions options = example::full_options();
  {
    TrajectoryWriter writer = make_writer(folder / "run.h5", options);
    append_until_failure(writer, options);
  }
  std::filesystem::copy_file(folder / "run.h5", path);
}

// broken PATH FRAMES WRITES: after FRAMES frames and WRITES further writes, every write fails.
void broken(char** arguments) {
  const TrajectoryOptions options = example::full_options();
  TrajectoryWriter writer = make_writer(arguments[0], options);
  example::append_frames(writer, 0, std::stoull(arguments[1]), kChains, options);
  writes_until_failure = std::stoll(arguments[2]);
  append_until_failure(writer, options);
}

// mark PATH: opens a file for writing and dies.
void mark(char** arguments) {
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
  const hid_t file = H5Fopen(arguments[0], H5F_ACC_RDWR, access);
  H5Fflush(file, H5F_SCOPE_GLOBAL);
  ::_exit(file < 0 ? 1 : 0);
}

template <class Values>
void print_array(std::ofstream& out, const std::string& name, const Values& values) {
  out << ",\n\"" << name << "\": [";
  for (std::size_t i = 0; i < values.size(); ++i) {
    out << (i ? "," : "");
    // Python's spelling.
    if (std::isinf(static_cast<double>(values[i])))
      out << (static_cast<double>(values[i]) < 0 ? "-Infinity" : "Infinity");
    else
      out << values[i];
  }
  out << "]";
}

// What Python must find, in plain JSON that does not pass through any HDF5 code.
void print_expected(const std::string& path, std::uint64_t n_frames,
                    const TrajectoryOptions& options) {
  const engine::Topology topology = example::make_topology();
  std::vector<double> positions, velocities, energies, temperatures, log_weights, box, times;
  std::vector<std::uint64_t> steps;
  std::vector<std::vector<double>> observables(options.observables.size());
  const auto add = [](std::vector<double>& to, const std::vector<double>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  for (std::uint64_t f = 0; f < n_frames; ++f) {
    example::ExampleFrame frame(f, kChains, topology.n_atoms(), options);
    add(positions, frame.positions().values());
    add(velocities, frame.velocities().values());
    add(energies, frame.energies());
    add(temperatures, frame.temperatures());
    add(log_weights, frame.log_weights());
    if (options.box) add(box, frame.box_vectors());
    for (std::size_t o = 0; o < observables.size(); ++o)
      for (std::size_t c = 0; c < kChains; ++c)
        observables[o].push_back(frame.observables()[o * kChains + c]);
    steps.push_back(frame.view().step);
    times.push_back(frame.view().time_ps);
  }
  std::ofstream out(path);
  out << std::setprecision(17) << "{\"n_chains\": " << kChains << ", \"n_frames\": " << n_frames
      << ", \"n_atoms\": " << topology.n_atoms();
  print_array(out, "positions", positions);
  print_array(out, "velocities", velocities);
  print_array(out, "energies", energies);
  print_array(out, "temperatures", temperatures);
  print_array(out, "log_weights", log_weights);
  print_array(out, "box", box);
  print_array(out, "times", times);
  print_array(out, "steps", steps);
  print_array(out, "masses", example::make_masses());
  for (std::size_t o = 0; o < observables.size(); ++o)
    print_array(out, options.observables[o].name, observables[o]);
  out << ",\n\"atoms\": [";
  for (std::size_t i = 0; i < topology.n_atoms(); ++i) {
    const engine::Atom& atom = topology.atoms[i];
    const engine::Residue& residue = topology.residues[atom.residue];
    out << (i ? "," : "") << "[\"" << atom.name << "\",\""
        << engine::element_symbol(atom.atomic_number) << "\",\"" << residue.name << "\","
        << residue.number << ",\"" << residue.chain << "\"]";
  }
  out << "],\n\"bonds\": [";
  for (std::size_t i = 0; i < topology.bonds.size(); ++i)
    out << (i ? "," : "") << "[" << topology.bonds[i].first << "," << topology.bonds[i].second
        << "]";
  out << "]}\n";
}

// example PATH EXPECTED_JSON FRAMES full|plain
void write_example(char** arguments) {
  TrajectoryOptions options = example::full_options();
  if (std::string(arguments[3]) == "plain") {
    options.velocities = options.box = false;
    options.observables.clear();
    options.gzip_level = 0;
  }
  const std::uint64_t n_frames = std::stoull(arguments[2]);
  TrajectoryWriter writer = make_writer(arguments[0], options);
  example::append_frames(writer, 0, n_frames, kChains, options);
  writer.close();
  print_expected(arguments[1], n_frames, options);
}

// continue PATH FRAMES_TO_KEEP EXPECTED_JSON FRAMES: as a restart after a crash would
void continue_run(char** arguments) {
  const TrajectoryOptions options = example::full_options();
  const std::uint64_t n_frames = std::stoull(arguments[3]);
  TrajectoryWriter writer = TrajectoryWriter::open_for_append(
      arguments[0], std::stoull(arguments[1]), example::make_topology(), kChains, options);
  append_and_tell(writer, n_frames, options);
  writer.close();
  print_expected(arguments[2], n_frames, options);
}

}  // namespace

int main(int n_arguments, char** arguments) {
  try {
    const std::string command = n_arguments > 1 ? arguments[1] : "";
    if (command == "write" && n_arguments == 7) {
      write(arguments + 2);
    } else if (command == "torn" && n_arguments == 4) {
      count_torn(arguments + 2);
    } else if (command == "limited" && n_arguments == 4) {
      limited(arguments + 2);
    } else if (command == "full" && n_arguments == 4) {
      full(arguments + 2);
    } else if (command == "broken" && n_arguments == 5) {
      broken(arguments + 2);
    } else if (command == "mark" && n_arguments == 3) {
      mark(arguments + 2);
    } else if (command == "example" && n_arguments == 6) {
      write_example(arguments + 2);
    } else if (command == "continue" && n_arguments == 6) {
      continue_run(arguments + 2);
    } else {
      std::fprintf(stderr, "usage: see the functions of trajectory_program.cpp\n");
      return 64;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
