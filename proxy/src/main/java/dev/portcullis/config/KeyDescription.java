package dev.portcullis.config;

/**
 * What one key takes, in the words of its problem messages; the reference is checked against it.
 *
 * @param path the whole path; {@code []} stands for the elements of a list
 * @param expected what is expected, with unit and range
 * @param fallback what holds without the key: a value, {@code required}, or {@code none}
 */
record KeyDescription(String path, String expected, String fallback) {}
