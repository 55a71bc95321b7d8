package dev.portcullis.config;

/**
 * A single value.
 *
 * @param written as the file has it, references unresolved; may be shown unless its key is secret
 * @param text as it reads, references resolved; may hold a secret
 */
record Scalar(String written, String text) {}
