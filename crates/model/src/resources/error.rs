//! What can be wrong with resources.

/// Why resources were turned down.
// Mesos: the texts of the shape errors are those of its own validation; frameworks log them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResourceError {
    #[error("Empty resource name")]
    EmptyName,
    #[error("Unsupported resource type")]
    UnsupportedType { name: String },
    #[error("Invalid scalar resource")]
    NotAScalar { name: String },
    #[error("Invalid scalar resource: value < 0")]
    NegativeScalar { name: String },
    #[error("Invalid scalar resource: '{name}' is not a finite number or too large")]
    ScalarOutOfBounds { name: String },
    #[error("The 'gpus' resource must be an unsigned integer")]
    FractionalGpus,
    #[error("Invalid ranges resource")]
    NotRanges { name: String },
    #[error("Invalid ranges resource: begin > end")]
    ReversedRange { name: String },
    #[error("Invalid ranges resource: overlapping ranges")]
    OverlappingRanges { name: String },
    #[error("Invalid set resource")]
    NotASet { name: String },
    #[error("Invalid set resource: duplicated elements")]
    DuplicateSetItem { name: String },
    #[error("DiskInfo should not be set for {name} resource")]
    DiskOnOther { name: String },
    #[error("Only persistent volumes can be shared")]
    SharedWithoutVolume { name: String },
    #[error("Invalid reservation of '{name}': {reason}")]
    Reservation { name: String, reason: String },
    #[error("cannot read resources: {0}")]
    Text(String),
    #[error("{wanted} is not contained in {have}")]
    NotContained { wanted: String, have: String },
}
