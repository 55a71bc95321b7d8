package dev.portcullis.login;

import dev.portcullis.session.Session;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * New tokens of a session that are not stored yet. With rotation nobody gets them a second time, so
 * they are kept here while the store is out of reach.
 *
 * @param before the session that was refreshed
 * @param tokens what the provider gave
 * @param at when the provider gave them: that is when what they say is to be judged
 * @param next what the session is to keep of it
 * @param exchange judges what came with them
 * @param until when the session's grace is over, and with it any use of them
 */
record UnstoredTokens(
        Session before,
        GrantedTokens tokens,
        Instant at,
        Session.@Nullable Refresh next,
        RefreshExchange exchange,
        Instant until) {

    /** None of the tokens. */
    @Override
    public String toString() {
        return "UnstoredTokens[" + before + ", " + until + "]";
    }
}
