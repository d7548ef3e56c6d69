/// What true and false mean in a configuration file for an option that is no flag; nil means the default.
struct BooleanMeaning {
  let yes: String?
  let no: String?
}
