// Wraps SaltusIntegrator for Python without OpenMM's own SWIG files, which distributions do not ship.
%module saltus_openmm_core

%include <std_string.i>
%include <std_vector.i>
%include <pybuffer.i>

// OpenMM's classes as its own Python module has them: SWIG's modules share their types by name.
%pythoncode %{
import openmm as _openmm
%}
%import(module="openmm") "openmm_stub.i"

%{
#include <OpenMM.h>

#include "tools/openmm_plugin/batch_energy.h"
#include "tools/openmm_plugin/saltus_integrator.h"

// The exception class of OpenMM's Python module.
static void set_openmm_exception(const char* message) {
  PyObject* module = PyImport_ImportModule("openmm");
  PyObject* type = module == nullptr ? nullptr : PyObject_GetAttrString(module, "OpenMMException");
  if (type != nullptr) PyErr_SetString(type, message);
  Py_XDECREF(type);
  Py_XDECREF(module);
}
%}

%exception {
  try {
    $action
  } catch (const std::exception& error) {
    set_openmm_exception(error.what());
    SWIG_fail;
  }
}

%template(IntVector) std::vector<int>;

namespace saltus {
namespace openmm_plugin {

struct SaltusMove {
  std::string kind;
  double weight;
  int steps;
  double friction;
  double lengthJitter;
  double width;
  std::string change;
  double stiffness;
  double timeStep;
  std::string model;
  std::vector<int> atoms;
};

struct SaltusStatistics {
  std::string name;
  long long proposed, accepted, invalid, energyEvaluations;
  double cpuSeconds;
  long long longestRejectionRun;
  double meanWork, workDeviation;
};

struct SaltusTrials {
  int steps;
  long long trials;
  double energyEvaluations, meanWork, workDeviation, acceptance, acceptanceError, gain, gainError;
};

}  // namespace openmm_plugin
}  // namespace saltus

%template(TrialsVector) std::vector<saltus::openmm_plugin::SaltusTrials>;

namespace saltus {
namespace openmm_plugin {

struct SaltusChoice {
  int steps;
  std::vector<SaltusTrials> tried;
  SaltusTrials atOnce;
  std::string warning;
};

class SaltusIntegrator : public OpenMM::Integrator {
 public:
  SaltusIntegrator(double temperature, double step_size);
  ~SaltusIntegrator();
  double getTemperature() const;
  void setTemperature(double temperature);
  int getRandomNumberSeed() const;
  void setRandomNumberSeed(int seed);
  int addMove(const SaltusMove& move);
  SaltusChoice chooseSteps(int move, const std::vector<int>& steps, int trials);
  int getNumMoves() const;
  const SaltusMove& getMove(int index) const;
  bool isExact() const;
  int addResidue(const std::string& name, int number, int chain);
  int addAtom(const std::string& name, int atomicNumber, int residue);
  void addBond(int atom1, int atom2);
  int getNumAtoms() const;
  int getNumStatistics() const;
  SaltusStatistics getStatistics(int index) const;
  void resetStatistics();
  long long getNumMovesMade() const;
  void step(int steps);
};

// Arrays of NumPy, whose sizes saltus_openmm.py has checked.
%pybuffer_binary(const char* positions, size_t position_bytes)
%pybuffer_mutable_binary(char* energies, size_t energy_bytes)
%pybuffer_mutable_binary(char* forces, size_t force_bytes)

class BatchEnergy {
 public:
  BatchEnergy(const OpenMM::System& system, int threads);
  ~BatchEnergy();
  int getNumParticles() const;
  %extend {
    void evaluate_into(const char* positions, size_t position_bytes, char* energies,
                       size_t energy_bytes, char* forces, size_t force_bytes) const {
      (void)position_bytes;
      $self->evaluate(reinterpret_cast<const double*>(positions), energy_bytes / sizeof(double),
                      reinterpret_cast<double*>(energies),
                      force_bytes == 0 ? nullptr : reinterpret_cast<double*>(forces));
    }
  }
};

}  // namespace openmm_plugin
}  // namespace saltus

%inline %{
// What an OpenMM::Integrator that came from XML or a CompoundIntegrator is; null: another kind.
static saltus::openmm_plugin::SaltusIntegrator* cast_integrator(OpenMM::Integrator* integrator) {
  return dynamic_cast<saltus::openmm_plugin::SaltusIntegrator*>(integrator);
}
%}
