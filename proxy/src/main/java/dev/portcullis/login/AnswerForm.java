package dev.portcullis.login;

import dev.portcullis.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** In which form an asker reads answers. */
enum AnswerForm {
    /** A person's browser shows it. */
    PAGE,
    /** A program takes JSON. */
    JSON,
    /** Whatever it is, it takes a line of text. */
    TEXT;

    /**
     * A page only for a navigation, or for a program without Fetch Metadata that names HTML: what a
     * script or a service worker fetched must never look like a page.
     */
    static AnswerForm of(@Nullable RequestHead head) {
        if (head == null) {
            return TEXT;
        }
        var mode = head.fields().first("sec-fetch-mode");
        if (mode == null ? head.acceptsHtml() : mode.equals("navigate")) {
            return PAGE;
        }
        var accept = head.fields().first("accept");
        boolean json = accept == null || accept.contains("json") || accept.contains("*/*");
        return json && !(accept != null && accept.contains("text/plain")) ? JSON : TEXT;
    }
}
