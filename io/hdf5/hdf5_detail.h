#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// Thin, throwing layer over the HDF5 C library; for the .cpp files of this folder only.
namespace saltus::io::detail {

/// Keeps HDF5 from printing its error stack for as long as it lives. Every public function of
/// io/hdf5 that calls the library holds one. The first one also keeps HDF5 from closing files at
/// exit(): all are closed here, and after a failed write that would crash the program.
class QuietErrors {
 public:
  QuietErrors();
  ~QuietErrors();
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;

 private:
  H5E_auto2_t function_ = nullptr;
  void* data_ = nullptr;
};

/// Owns one HDF5 identifier.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Handle() = default;
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept
      : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { reset(); }

  hid_t get() const { return id_; }
  bool is_open() const { return id_ >= 0; }
  /// Closes now; negative when the library could not.
  herr_t reset();
  /// Forgets the identifier and leaves it open until the process ends.
  void abandon() { id_ = H5I_INVALID_HID; }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

/// Why the last HDF5 call failed: the operating system's words when there are any ("No space left
/// on device"), else the innermost message of HDF5's error stack. Call before any other HDF5 call.
std::string last_reason();

/// @throws FileError  "<what>: <last_reason()>"
[[noreturn]] void throw_hdf5_error(const std::string& what);

/// Wraps a new identifier. @throws FileError when it is negative.
Handle checked(hid_t id, Handle::Close close, const std::string& what);
/// @throws FileError when `status` is negative.
void check(herr_t status, const std::string& what);

/// File access properties: latest format, so that SWMR is possible; closing the file closes all.
Handle make_file_access(const std::string& what);

/// Turns on one of the properties by which the library's own program h5clear opens damaged files.
/// They are not in its headers. @throws FileError when this library has none of that name.
void set_private_flag(const Handle& access, const char* name, const std::string& what);

Handle create_group(hid_t file, const std::string& path, const std::string& what);
/// What the file itself holds: links to other files are not followed, and data that lie in other
/// files (external storage, virtual datasets) are not read, so that no file from elsewhere makes
/// the program open a third one. @throws FileError that says so
Handle open_group(hid_t file, const std::string& path, const std::string& what);
Handle open_dataset(hid_t file, const std::string& path, const std::string& what);
bool path_exists(hid_t file, const std::string& path);

/// Variable-length UTF-8 strings: a fixed-length `unit` makes MDAnalysis refuse the file.
void write_attribute(hid_t object, const std::string& name, const std::string& value,
                     const std::string& what);
void write_attribute(hid_t object, const std::string& name, const std::vector<std::string>& values,
                     const std::string& what);
void write_attribute(hid_t object, const std::string& name, std::uint64_t value,
                     const std::string& what);
void write_attribute(hid_t object, const std::string& name, const std::vector<int>& values,
                     const std::string& what);
std::string read_string_attribute(hid_t object, const std::string& name, const std::string& what);
std::uint64_t read_integer_attribute(hid_t object, const std::string& name,
                                     const std::string& what);

/// All values of an array.
struct FixedArray {
  hid_t type;                  ///< of memory and file
  std::vector<hsize_t> shape;  ///< its dimensions
  const void* data;
};

/// Writes a whole, never growing dataset.
Handle write_fixed_dataset(hid_t file, const std::string& path, const FixedArray& array,
                           const std::string& what);

/// Dimensions of a dataset.
std::vector<hsize_t> shape_of(hid_t dataset, const std::string& what);

/// One fixed-length ASCII string in a one-element array, as MDTraj stores its topology.
void write_text_dataset(hid_t file, const std::string& path, const std::string& text,
                        const std::string& what);
std::string read_text_dataset(hid_t file, const std::string& path, const std::string& what);

}  // namespace saltus::io::detail
