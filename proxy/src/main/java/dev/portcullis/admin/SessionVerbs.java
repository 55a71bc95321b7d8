package dev.portcullis.admin;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.session.SessionEnder;
import dev.portcullis.session.SessionStore;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonGenerator;

/** {@code sessions list} and {@code sessions kill}, as the running sidecar does them. */
public final class SessionVerbs {
    private static final Logger LOG = LoggerFactory.getLogger(SessionVerbs.class);

    private final SessionStore sessions;
    private final LiveConnections live;
    private final SessionEnder ender;
    private final InstantSource clock;

    /** Over what everybody else uses. */
    public SessionVerbs(
            SessionStore sessions, LiveConnections live, SessionEnder ender, InstantSource clock) {
        this.sessions = sessions;
        this.live = live;
        this.ender = ender;
        this.clock = clock;
    }

    /** Both, by name. */
    public Map<String, ControlSocket.Verb> verbs() {
        return Map.of("sessions-list", this::list, "sessions-kill", this::kill);
    }

    private void list(ControlRequest request, ControlAnswer answer) throws IOException {
        var only = request.text("user");
        var listed = awaited(sessions.list(clock.instant()));
        if (listed == null) {
            answer.refused(List.of("the session store is out of reach"));
            return;
        }
        for (var one : listed) {
            if (only == null || one.session().user().value().equals(only)) {
                answer.line(json -> write(json, one));
            }
        }
        answer.done();
    }

    private void write(JsonGenerator json, SessionStore.Listed listed) {
        var session = listed.session();
        json.writeStringProperty("session", session.reference());
        json.writeStringProperty("user", session.user().value());
        json.writeStringProperty("since", session.startedAt().toString());
        json.writeStringProperty("lastUsed", listed.lastUsed().toString());
        json.writeStringProperty("endsAt", session.endsAt().toString());
        if (session.address() != null) {
            json.writeStringProperty("from", session.address());
        }
        var handle = new LiveConnections.Key.Handle(session.reference());
        json.writeNumberProperty("open", live.count(handle));
    }

    private void kill(ControlRequest request, ControlAnswer answer) throws IOException {
        var user = request.text("user");
        var session = request.text("session");
        if (user != null) {
            killUser(user, answer);
        } else if (session != null) {
            var gone = awaited(ender.end(session, Reason.SESSION_KILLED));
            report(gone == null ? null : gone.isPresent() ? 1 : 0, 0, answer);
        } else if ("yes".equals(request.text("all"))) {
            report(awaited(ender.endIf(_ -> true, Reason.SESSION_KILLED)), 0, answer);
        } else {
            answer.refused(List.of("found no choice (expected: user, session or all)"));
        }
    }

    /** His sessions, and what he has open by any other means. */
    private void killUser(String name, ControlAnswer answer) throws IOException {
        Optional<UserName> user = UserName.canonical(name);
        if (user.isEmpty()) {
            answer.refused(List.of("not a user's name"));
            return;
        }
        var ended =
                awaited(
                        ender.endIf(
                                session -> session.user().equals(user.get()),
                                Reason.SESSION_KILLED));
        report(ended, ender.cut(user.get(), Reason.SESSION_KILLED), answer);
    }

    private static void report(@Nullable Integer ended, int cut, ControlAnswer answer)
            throws IOException {
        if (ended == null) {
            answer.refused(List.of("the session store is out of reach: some may live on"));
            return;
        }
        answer.line(json -> {
            json.writeNumberProperty("sessions", ended);
            json.writeNumberProperty("cut", cut);
        });
        answer.done();
    }

    /** Null if the store is out of reach. */
    private static <T> @Nullable T awaited(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException failure) {
            LOG.warn("a command found the session store out of reach", failure);
            return null;
        }
    }
}
