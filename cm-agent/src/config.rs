//! Reading `agent.toml`.
