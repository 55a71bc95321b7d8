package dev.portcullis.state;

import dev.portcullis.session.SessionStore;
import dev.portcullis.testing.TimeOfCalls;

class MemorySessionStoreTest extends SessionStoreContract {
    private final TimeOfCalls time = new TimeOfCalls();
    private final SessionStore store =
            time.before(
                    new MemorySessionStore(SESSIONS_MAX, SIGN_INS_MAX, SIGN_IN_TIME, time),
                    SessionStore.class);

    @Override
    SessionStore store() {
        return store;
    }
}
