package dev.portcullis.login;

import dev.portcullis.access.UserName;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** Every answer of ours that somebody reads: a page for people, a short document for programs. */
public final class Pages {
    /** The answer for programs and people who cannot be told apart, or need not be. */
    public LocalResponse error(PageKind kind, @Nullable RequestHead head, String requestId) {
        return error(kind, head, requestId, null);
    }

    /**
     * Says no, in the form the asker reads.
     *
     * @param kind what happened
     * @param head the request, or null if it was never understood
     * @param requestId shown, so that a person can name it
     * @param user whom we took the asker for, or null
     */
    public LocalResponse error(
            PageKind kind, @Nullable RequestHead head, String requestId, @Nullable UserName user) {
        return LocalResponse.text(kind.status(), kind.title() + "\n");
    }
}
