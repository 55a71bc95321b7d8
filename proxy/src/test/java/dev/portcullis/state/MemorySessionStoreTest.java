package dev.portcullis.state;

import dev.portcullis.session.SessionStore;

class MemorySessionStoreTest extends SessionStoreContract {
    private final SessionStore store =
            new MemorySessionStore(SESSIONS_MAX, SIGN_INS_MAX, SIGN_IN_TIME);

    @Override
    SessionStore store() {
        return store;
    }
}
