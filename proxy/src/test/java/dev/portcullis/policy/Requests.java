package dev.portcullis.policy;

import dev.portcullis.access.UserName;
import dev.portcullis.http.Field;
import dev.portcullis.http.Fields;
import dev.portcullis.http.Method;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.Target;
import dev.portcullis.http.WebSocketRequest;
import dev.portcullis.identity.Authentication;
import dev.portcullis.identity.Principal;
import dev.portcullis.identity.Principal.Means;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Heads and callers for the tests of this package. */
final class Requests {
    private Requests() {}

    /** Fields as {@code name: value}, separated by {@code |}. */
    static RequestHead http(String method, String path, String fields) {
        return head(method, path, fields, null);
    }

    static RequestHead webSocket(String path, String fields) {
        return head("GET", path, fields, new WebSocketRequest("AAAAAAAAAAAAAAAAAAAAAA==", null));
    }

    private static RequestHead head(
            String method, String path, String fields, @Nullable WebSocketRequest webSocket) {
        var list =
                Arrays.stream(fields.split("\\|"))
                        .map(String::strip)
                        .filter(field -> !field.isEmpty())
                        .map(field -> field.split(":\\s*", 2))
                        .map(pair -> new Field(pair[0], pair[1]))
                        .toList();
        return new RequestHead(
                RequestHead.Protocol.HTTP_1_1,
                Method.valueOf(method),
                new Target(path, null),
                "claw.example.com",
                Fields.of(list),
                0,
                false,
                webSocket,
                false);
    }

    static Principal principal(String name, Means means, String... groups) {
        return new Principal(
                new UserName(name), Set.of(groups), means, "https://idp.example.com", "handle");
    }

    static Authentication.Authenticated signedIn(String name, Means means, String... groups) {
        return new Authentication.Authenticated(principal(name, means, groups));
    }
}
