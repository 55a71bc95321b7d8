package dev.portcullis;

import dev.portcullis.admin.ControlAnswer;
import dev.portcullis.admin.ControlSocket;
import dev.portcullis.admin.SessionVerbs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;

/** How a running sidecar is told something: by its control socket, and by its files. */
final class Control implements AutoCloseable {
    private final ControlSocket socket;
    private final ConfigWatch watch;

    private Control(ControlSocket socket, ConfigWatch watch) {
        this.socket = socket;
        this.watch = watch;
    }

    /**
     * Opens the socket and begins to watch.
     *
     * @throws IOException if there can be no socket at that path
     */
    static Control open(Path path, Shared shared, Reloads reloads) throws IOException {
        var verbs =
                new HashMap<>(
                        new SessionVerbs(
                                        shared.sessions(),
                                        shared.live(),
                                        shared.ender(),
                                        shared.clock())
                                .verbs());
        verbs.put("reload", (_, answer) -> reload(reloads, answer));
        var socket = ControlSocket.open(path, verbs, shared.timer());
        var watch =
                ConfigWatch.start(
                        reloads::files,
                        () -> {
                            var _ = reloads.reload(Reloads.Trigger.FILE);
                        });
        return new Control(socket, watch);
    }

    private static void reload(Reloads reloads, ControlAnswer answer) throws IOException {
        switch (reloads.reload(Reloads.Trigger.COMMAND)) {
            case Reload.Done() -> answer.done();
            case Reload.Refused(var why) -> answer.refused(why);
        }
    }

    @Override
    public void close() throws IOException {
        watch.close();
        socket.close();
    }
}
