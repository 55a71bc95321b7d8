package dev.portcullis.config;

import java.nio.file.Path;

/**
 * Where decisions are written down.
 *
 * @param directory holds {@code audit.jsonl}; ours alone
 */
public record AuditConfig(Path directory) {
    static final Path SYSTEM = Path.of("/var/log/portcullis");

    static AuditConfig parse(ConfigNode node) {
        var otherwise = "/var/log/portcullis, or for a plain user ~/.local/state/portcullis/audit";
        var folder = Folder.writable(node.source());
        var directory = node.valueIfPresent("directory", folder, otherwise);
        var env = node.source().env();
        return new AuditConfig(
                directory == null ? Folder.fallback(SYSTEM, "portcullis/audit", env) : directory);
    }
}
