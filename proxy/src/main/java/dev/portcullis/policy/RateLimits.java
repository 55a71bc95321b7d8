package dev.portcullis.policy;

import dev.portcullis.access.UserName;
import java.net.InetAddress;

/**
 * Every limit on how fast requests may come.
 *
 * @param address requests of one client address that may pass
 * @param unproven requests of one client address that may not, or prove nobody: strangers take
 *     nothing from those who are known behind the same address
 * @param signOut ends of sessions asked for from one client address, by users or their provider
 * @param user requests of one user, from wherever they come
 * @param signIn sign-ins begun and ended from one address
 * @param tokens refused tokens from one address
 */
public record RateLimits(
        RateLimit<InetAddress> address,
        RateLimit<InetAddress> unproven,
        RateLimit<InetAddress> signOut,
        RateLimit<UserName> user,
        RateLimit<InetAddress> signIn,
        Lockout<InetAddress> tokens) {}
