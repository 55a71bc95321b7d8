package dev.portcullis.http;

/** What a block of head bytes turned out to be: one clear request, or a reason to refuse it. */
public sealed interface ParsedRequest permits RequestHead, Refusal {}
