package dev.portcullis.session;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.identity.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Every open relayed exchange, indexed by what it stands on, so that it ends when that does. Any
 * thread.
 */
public final class LiveConnections {
    /** What a connection stands on. */
    public sealed interface Key {
        /** The proof itself: a session's, token's or certificate's handle. */
        record Handle(String handle) implements Key {}

        /** The person, by whatever means. */
        record User(UserName user) implements Key {}

        /** The issuer that vouched. */
        record Issuer(String issuer) implements Key {}

        /** The issuer of a bearer token. */
        record TokensOf(String issuer) implements Key {}
    }

    /** Takes the connection out again. Call it when the exchange is over. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    private final ConcurrentHashMap<Key, Set<LiveConnection>> index = new ConcurrentHashMap<>();

    /** Adds an open exchange under everything its principal stands on. */
    public Registration register(Principal principal, LiveConnection connection) {
        for (var key : keysOf(principal)) {
            index.compute(
                    key,
                    (k, there) -> {
                        var set =
                                there == null
                                        ? ConcurrentHashMap.<LiveConnection>newKeySet()
                                        : there;
                        set.add(connection);
                        return set;
                    });
        }
        return () -> unregister(principal, connection); // Its keys are not kept until then.
    }

    private void unregister(Principal principal, LiveConnection connection) {
        for (var key : keysOf(principal)) {
            index.computeIfPresent(
                    key,
                    (k, there) -> {
                        there.remove(connection);
                        return there.isEmpty() ? null : there;
                    });
        }
    }

    /** Closes everything that stands on the key; how many that were. */
    public int close(Key key, Reason reason) {
        var there = index.get(key);
        if (there == null) {
            return 0;
        }
        var closing = List.copyOf(there);
        closing.forEach(connection -> connection.close(reason));
        return closing.size();
    }

    /** Asks everything that is open whether it may go on: the rules changed. */
    public void judgeAgain() {
        index.values().stream()
                .flatMap(Set::stream)
                .distinct()
                .forEach(connection -> connection.judgeAgain(null));
    }

    /** Asks what stands on a proof whether it may go on, now that it proves something else. */
    public void judgeAgain(Principal changed) {
        var there = index.get(new Key.Handle(changed.handle()));
        if (there != null) {
            there.forEach(connection -> connection.judgeAgain(changed));
        }
    }

    /** How many stand on the key. */
    public int count(Key key) {
        var there = index.get(key);
        return there == null ? 0 : there.size();
    }

    private static List<Key> keysOf(Principal principal) {
        var keys = new ArrayList<Key>();
        keys.add(new Key.User(principal.user()));
        principal.handles().forEach(handle -> keys.add(new Key.Handle(handle)));
        var issuer = principal.issuer();
        if (issuer != null) {
            keys.add(new Key.Issuer(issuer));
            if (principal.means() == Principal.Means.TOKEN) {
                keys.add(new Key.TokensOf(issuer));
            }
        }
        return keys;
    }
}
