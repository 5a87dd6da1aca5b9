#include "io/hdf5/hdf5_detail.h"

#include "engine/core/error.h"

namespace saltus::io::detail {
namespace {

// Collects the error stack, innermost message first.
herr_t collect_message(unsigned, const H5E_error2_t* error, void* messages) {
  static_cast<std::vector<std::string>*>(messages)->push_back(error->desc ? error->desc : "");
  return 0;
}

Handle make_string_type(std::size_t size, const std::string& what) {
  Handle type = checked(H5Tcopy(H5T_C_S1), H5Tclose, what);
  check(H5Tset_size(type.get(), size), what);
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), what);
  return type;
}

struct RawValues {
  hid_t type;
  const Handle& space;
  const void* data;
};

void write_raw_attribute(hid_t object, const std::string& name, const RawValues& values,
                         const std::string& what) {
  const Handle attribute = checked(
      H5Acreate2(object, name.c_str(), values.type, values.space.get(), H5P_DEFAULT, H5P_DEFAULT),
      H5Aclose, what);
  check(H5Awrite(attribute.get(), values.type, values.data), what);
}

// Called before HDF5 follows a link to another file, with what HDF5 lays down.
herr_t refuse_link(const char*, const char*, const char*, const char*, unsigned*, hid_t,
                   void* refused) {
  *static_cast<bool*>(refused) = true;
  return -1;
}

[[noreturn]] void throw_leads_out(const std::string& path, const std::string& what) {
  throw engine::FileError(what + ": " + path +
                          " leads to another file, which is not opened; expected the data in the "
                          "file itself");
}

// Opens by `open(access)`, with access of this class that follows no link to another file.
template <class Open>
hid_t open_inside(hid_t access_class, const std::string& path, const std::string& what,
                  const Open& open) {
  bool refused = false;
  const Handle access = checked(H5Pcreate(access_class), H5Pclose, what);
  check(H5Pset_elink_cb(access.get(), refuse_link, &refused), what);
  const hid_t id = open(access.get());
  if (refused) throw_leads_out(path, what);
  return id;
}

// Raw data may lie in other files, too.
void require_data_inside(const Handle& dataset, const std::string& path, const std::string& what) {
  const Handle creation = checked(H5Dget_create_plist(dataset.get()), H5Pclose, what);
  if (H5Pget_layout(creation.get()) == H5D_VIRTUAL || H5Pget_external_count(creation.get()) > 0)
    throw_leads_out(path, what);
}

Handle simple_space(const std::vector<hsize_t>& shape, const std::string& what) {
  return checked(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose,
                 what);
}

}  // namespace

QuietErrors::QuietErrors() {
  H5dont_atexit();  // without effect, and harmless, once the library is in use
  H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

QuietErrors::~QuietErrors() { H5Eset_auto2(H5E_DEFAULT, function_, data_); }

Handle& Handle::operator=(Handle&& other) noexcept {
  if (this != &other) {
    reset();
    id_ = std::exchange(other.id_, H5I_INVALID_HID);
    close_ = other.close_;
  }
  return *this;
}

herr_t Handle::reset() {
  if (!is_open()) return 0;
  return close_(std::exchange(id_, H5I_INVALID_HID));
}

std::string last_reason() {
  std::vector<std::string> messages;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect_message, &messages);
  const std::string marker = "error message = '";
  for (const std::string& message : messages) {
    const std::size_t start = message.find(marker);
    if (start == std::string::npos) continue;
    const std::size_t first = start + marker.size();
    return message.substr(first, message.find('\'', first) - first);
  }
  return messages.empty() ? "unknown HDF5 error" : messages.front();
}

void throw_hdf5_error(const std::string& what) {
  throw engine::FileError(what + ": " + last_reason());
}

Handle checked(hid_t id, Handle::Close close, const std::string& what) {
  if (id < 0) throw_hdf5_error(what);
  return Handle(id, close);
}

void check(herr_t status, const std::string& what) {
  if (status < 0) throw_hdf5_error(what);
}

Handle make_file_access(const std::string& what) {
  Handle access = checked(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, what);
  check(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_V110), what);
  check(H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG), what);
  // A reader that meets half-written metadata tries again, after pauses that double from 1 ns: the
  // library's own 100 attempts never end on a damaged file, these do within 0.1 s.
  constexpr unsigned kReadAttempts = 26;
  check(H5Pset_metadata_read_attempts(access.get(), kReadAttempts), what);
  return access;
}

void set_private_flag(const Handle& access, const char* name, const std::string& what) {
  const hbool_t on = true;
  if (H5Pexist(access.get(), name) <= 0)
    throw engine::FileError(what + ": this HDF5 library has no property '" + name + "'");
  check(H5Pset(access.get(), name, &on), what);
}

Handle create_group(hid_t file, const std::string& path, const std::string& what) {
  return checked(H5Gcreate2(file, path.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose,
                 what);
}

Handle open_group(hid_t file, const std::string& path, const std::string& what) {
  const hid_t group = open_inside(H5P_GROUP_ACCESS, path, what, [&](hid_t access) {
    return H5Gopen2(file, path.c_str(), access);
  });
  return checked(group, H5Gclose, what);
}

Handle open_dataset(hid_t file, const std::string& path, const std::string& what) {
  const hid_t id = open_inside(H5P_DATASET_ACCESS, path, what,
                               [&](hid_t access) { return H5Dopen2(file, path.c_str(), access); });
  Handle dataset = checked(id, H5Dclose, what);
  require_data_inside(dataset, path, what);
  return dataset;
}

bool path_exists(hid_t file, const std::string& path) {
  const auto exists = [&](const std::string& part) {
    return open_inside(H5P_LINK_ACCESS, part, "HDF5 file", [&](hid_t access) {
             return static_cast<hid_t>(H5Lexists(file, part.c_str(), access));
           }) > 0;
  };
  // H5Lexists wants every intermediate group to be there.
  for (std::size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1))
    if (!exists(path.substr(0, end))) return false;
  return exists(path);
}

void write_attribute(hid_t object, const std::string& name, const std::string& value,
                     const std::string& what) {
  const Handle type = make_string_type(H5T_VARIABLE, what);
  const Handle space = checked(H5Screate(H5S_SCALAR), H5Sclose, what);
  const char* text = value.c_str();
  write_raw_attribute(object, name, {type.get(), space, &text}, what);
}

void write_attribute(hid_t object, const std::string& name, const std::vector<std::string>& values,
                     const std::string& what) {
  std::vector<const char*> texts;
  for (const std::string& value : values) texts.push_back(value.c_str());
  const Handle type = make_string_type(H5T_VARIABLE, what);
  const Handle space = simple_space({values.size()}, what);
  write_raw_attribute(object, name, {type.get(), space, texts.data()}, what);
}

void write_attribute(hid_t object, const std::string& name, std::uint64_t value,
                     const std::string& what) {
  const Handle space = checked(H5Screate(H5S_SCALAR), H5Sclose, what);
  write_raw_attribute(object, name, {H5T_NATIVE_UINT64, space, &value}, what);
}

void write_attribute(hid_t object, const std::string& name, const std::vector<int>& values,
                     const std::string& what) {
  const Handle space = simple_space({values.size()}, what);
  write_raw_attribute(object, name, {H5T_NATIVE_INT, space, values.data()}, what);
}

std::string read_string_attribute(hid_t object, const std::string& name, const std::string& what) {
  const Handle attribute =
      checked(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, what + ": attribute " + name);
  const Handle stored = checked(H5Aget_type(attribute.get()), H5Tclose, what);
  const Handle space = checked(H5Aget_space(attribute.get()), H5Sclose, what);
  if (H5Tis_variable_str(stored.get()) <= 0 || H5Sget_simple_extent_npoints(space.get()) != 1)
    throw engine::FileError(what + ": attribute " + name + " is not a single string");
  const Handle type = make_string_type(H5T_VARIABLE, what);
  char* text = nullptr;
  check(H5Aread(attribute.get(), type.get(), &text), what + ": attribute " + name);
  const std::string value = text ? text : "";
  H5free_memory(text);
  return value;
}

std::uint64_t read_integer_attribute(hid_t object, const std::string& name,
                                     const std::string& what) {
  const Handle attribute =
      checked(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, what + ": attribute " + name);
  const Handle space = checked(H5Aget_space(attribute.get()), H5Sclose, what);
  if (H5Sget_simple_extent_npoints(space.get()) != 1)
    throw engine::FileError(what + ": attribute " + name + " is not a single integer");
  std::uint64_t value = 0;
  check(H5Aread(attribute.get(), H5T_NATIVE_UINT64, &value), what + ": attribute " + name);
  return value;
}

Handle write_fixed_dataset(hid_t file, const std::string& path, const FixedArray& array,
                           const std::string& what) {
  const Handle space = simple_space(array.shape, what);
  Handle dataset = checked(H5Dcreate2(file, path.c_str(), array.type, space.get(), H5P_DEFAULT,
                                      H5P_DEFAULT, H5P_DEFAULT),
                           H5Dclose, what);
  check(H5Dwrite(dataset.get(), array.type, H5S_ALL, H5S_ALL, H5P_DEFAULT, array.data), what);
  return dataset;
}

std::vector<hsize_t> shape_of(hid_t dataset, const std::string& what) {
  const Handle space = checked(H5Dget_space(dataset), H5Sclose, what);
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank < 0) throw_hdf5_error(what);
  std::vector<hsize_t> shape(static_cast<std::size_t>(rank));
  check(H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr), what);
  return shape;
}

void write_text_dataset(hid_t file, const std::string& path, const std::string& text,
                        const std::string& what) {
  const Handle type = checked(H5Tcopy(H5T_C_S1), H5Tclose, what);
  check(H5Tset_size(type.get(), text.size()), what);
  check(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), what);
  write_fixed_dataset(file, path, {type.get(), {1}, text.data()}, what);
}

std::string read_text_dataset(hid_t file, const std::string& path, const std::string& what) {
  const Handle dataset = open_dataset(file, path, what);
  const Handle type = checked(H5Dget_type(dataset.get()), H5Tclose, what);
  if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) != 0 ||
      shape_of(dataset.get(), what) != std::vector<hsize_t>{1})
    throw engine::FileError(what + ": " + path + " is not one fixed-length string");
  std::string text(H5Tget_size(type.get()), '\0');
  check(H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()), what);
  return text.substr(0, text.find('\0'));
}

}  // namespace saltus::io::detail
