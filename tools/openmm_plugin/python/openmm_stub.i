// What our wrapper needs to know of OpenMM's: the names of two classes.
namespace OpenMM {
class Integrator {};
class System {};
}
