package dev.portcullis.http;

/**
 * One header field.
 *
 * @param name lower-case ASCII token (RFC 9110 §5.1)
 * @param value without surrounding blanks; visible ASCII, blanks, tabs and bytes above 0x7F as
 *     Latin-1; never CR, LF or NUL
 */
public record Field(String name, String value) {}
