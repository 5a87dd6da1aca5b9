#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/system/system.h"
#include "engine/system/topology.h"

namespace saltus::mlsamplers {

/// What to know of a model for more than one molecule.
struct TransferableCard {
  std::vector<std::string> elements;     ///< symbols of those that were there in training
  std::size_t n_molecules = 0;           ///< in training, those held out not counted
  std::string data;                      ///< where the molecules and their samples come from
  std::string split;                     ///< rule by which test molecules were set aside
  std::uint64_t seed = 0;                ///< of the training
  std::map<std::string, double> scores;  ///< by name, of molecules that were held out
};

/// What a model is for and where it comes from; stored with the weights and checked before use.
struct ModelCard {
  std::string kind;  ///< e.g. "internal-coordinate leap"
  int format = 1;
  std::vector<std::string> atoms;  ///< "ALA 2 CA C": residue, number, atom name, element
  std::vector<std::vector<std::size_t>> bonds;  ///< pairs, ascending
  double temperature_K = 0.0;
  double lag_ps = 0.0;
  std::string force_field;         ///< names, for the reader
  std::string force_field_digest;  ///< of all parameters, for the check
  std::string measure;             ///< reference measure of its densities
  std::string precision = "float64";
  std::string units = "nm, ps, kJ/mol, K, rad";
  std::string created_by;  ///< program and version
  std::string training;    ///< data, seed, epochs, held-out scores, in words
  std::vector<std::string> references;
  std::optional<TransferableCard> transferable;  ///< then atoms, bonds and digest are empty
};

/// Atoms and bonds of a card, from a topology.
void describe_molecule(const engine::Topology& topology, ModelCard& card);

/// Hex digest (FNV-1a, 64 bits) of every parameter of a system except masses.
std::string force_field_digest(const engine::System& system);

/// Refuses a model that was made for something else.
/// @throws ModelError  naming `path` and every difference: kind, atoms (the first that differs, or
///                     the same atoms in another order), bonds, temperature, force-field parameters
void require_match(const ModelCard& model, const ModelCard& wanted, const std::string& path);

/// The card as JSON; card_from_json reads it back.
std::string card_to_json(const ModelCard& card);
/// @throws ModelError  naming `path` and the missing or wrong field
ModelCard card_from_json(const std::string& json, const std::string& path);

/// The card of a model file of any kind.
/// @throws FileError   when the file cannot be read
/// @throws ModelError  when it is not a model file, is damaged or of another format version
ModelCard read_model_card(const std::string& path);

}  // namespace saltus::mlsamplers
