package dev.portcullis.login;

/**
 * Whether people can sign in, in one line for readiness and the log.
 *
 * @param available whether the provider's metadata and keys are at hand and not too old
 * @param line names the provider and, where there is one, the problem
 */
public record ProviderHealth(boolean available, String line) {}
