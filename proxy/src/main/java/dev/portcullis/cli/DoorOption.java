package dev.portcullis.cli;

import dev.portcullis.client.Logins;
import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Parameters;

/** Which door a command is about; mixed into those that can do without being told. */
final class DoorOption {
    @Parameters(
            arity = "0..1",
            paramLabel = "ADDRESS",
            converter = DoorAddress.class,
            description = "The door; may be left out by whoever is signed in for one only.")
    private @Nullable URI door;

    /**
     * The one that was named, or the only one there is.
     *
     * @throws IOException if there is none, or more than one
     */
    URI door(Logins logins) throws IOException {
        if (door != null) {
            return door;
        }
        var doors = logins.doors();
        return switch (doors.size()) {
            case 0 ->
                    throw new IOException("not signed in; sign in with: portcullis login ADDRESS");
            case 1 -> doors.getFirst();
            default -> throw new IOException("signed in for several: name one of " + doors);
        };
    }
}
