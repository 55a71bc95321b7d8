package dev.portcullis.config;

import java.nio.file.Path;

/**
 * Where decisions are written down.
 *
 * @param directory holds {@code audit.jsonl}; ours alone
 */
public record AuditConfig(Path directory) {}
