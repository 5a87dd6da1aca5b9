// Oracle: files made here by the HDF5 library itself, with the four ways in which an HDF5 file can
// name another one.
#include <gtest/gtest.h>
#include <hdf5.h>

#include "engine/core/error.h"
#include "io/hdf5/hdf5_detail.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using io::detail::Handle;

const std::string kLeadsOut =
    " leads to another file, which is not opened; expected the data in the file itself";

class ForeignData : public testing::Test {
 protected:
  void SetUp() override {
    const Handle secret = created(folder_.file("secret.h5"));
    const double value = 1.0;
    io::detail::create_group(secret.get(), "/group", "secret");
    io::detail::write_fixed_dataset(secret.get(), "/group/data", {H5T_NATIVE_DOUBLE, {1}, &value},
                                    "secret");
    file_ = created(folder_.file("file.h5"));
    io::detail::write_fixed_dataset(file_.get(), "/own", {H5T_NATIVE_DOUBLE, {1}, &value}, "file");
  }
  static Handle created(const std::string& path) {
    return io::detail::checked(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT),
                               H5Fclose, path);
  }
  std::string message(const std::string& path, bool group = false) const {
    const io::detail::QuietErrors quiet;
    return message_of<engine::FileError>([&] {
      if (group)
        io::detail::open_group(file_.get(), path, "file");
      else
        io::detail::open_dataset(file_.get(), path, "file");
    });
  }

  TemporaryFolder folder_;
  Handle file_;
};

TEST_F(ForeignData, LinksToOtherFilesAreNotFollowed) {
  ASSERT_GE(
      H5Lcreate_external("secret.h5", "/group", file_.get(), "linked", H5P_DEFAULT, H5P_DEFAULT),
      0);
  ASSERT_GE(H5Lcreate_soft("/linked/data", file_.get(), "soft", H5P_DEFAULT, H5P_DEFAULT), 0);
  EXPECT_EQ(message("/linked", true), "file: /linked" + kLeadsOut);
  EXPECT_EQ(message("/linked/data"), "file: /linked/data" + kLeadsOut);
  EXPECT_EQ(message("/soft"), "file: /soft" + kLeadsOut);
  const io::detail::QuietErrors quiet;
  EXPECT_EQ(
      message_of<engine::FileError>([&] { io::detail::path_exists(file_.get(), "/linked/data"); }),
      "HDF5 file: /linked/data" + kLeadsOut);
  EXPECT_TRUE(io::detail::path_exists(file_.get(), "/own"));
  EXPECT_FALSE(io::detail::path_exists(file_.get(), "/other/own"));
}

TEST_F(ForeignData, DataInOtherFilesAreNotRead) {
  const hsize_t size = 1;
  const Handle space = io::detail::checked(H5Screate_simple(1, &size, nullptr), H5Sclose, "space");
  const auto create = [&](const char* name, const Handle& creation) {
    io::detail::checked(H5Dcreate2(file_.get(), name, H5T_NATIVE_DOUBLE, space.get(), H5P_DEFAULT,
                                   creation.get(), H5P_DEFAULT),
                        H5Dclose, name);
  };
  const Handle external = io::detail::checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "external");
  ASSERT_GE(H5Pset_external(external.get(), "/etc/passwd", 0, 8), 0);
  create("/external", external);
  EXPECT_EQ(message("/external"), "file: /external" + kLeadsOut);
  const Handle mapped = io::detail::checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "virtual");
  ASSERT_GE(H5Pset_virtual(mapped.get(), space.get(), "secret.h5", "/group/data", space.get()), 0);
  create("/virtual", mapped);
  EXPECT_EQ(message("/virtual"), "file: /virtual" + kLeadsOut);
  EXPECT_NO_THROW(io::detail::open_dataset(file_.get(), "/own", "file"));
}

}  // namespace
}  // namespace saltus::tests
