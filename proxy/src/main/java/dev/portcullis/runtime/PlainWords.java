package dev.portcullis.runtime;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/**
 * Why a file or a connection failed, for people: the platform's own messages are a bare path, or
 * missing, and its names for failures are for programmers.
 */
public final class PlainWords {
    private PlainWords() {}

    /** One line: what was found and, where that helps, what was expected. Never empty. */
    public static String of(Throwable failure) {
        return switch (failure) {
            case NoSuchFileException file ->
                    file.getFile() + ": not found (expected: a file that can be read)";
            case AccessDeniedException file ->
                    file.getFile() + ": closed to this user (expected: a file that can be read)";
            case FileSystemException file ->
                    file.getFile()
                            + ": "
                            + (file.getReason() == null ? "cannot be used" : file.getReason());
            case UnknownHostException _, UnresolvedAddressException _ ->
                    "no such host (expected: a name that has an address)";
            case ConnectException _ -> "nobody takes connections there";
            case HttpTimeoutException _, SocketTimeoutException _ -> "no answer in time";
            case ClosedChannelException _, EOFException _ -> "the connection was closed";
            default -> said(failure);
        };
    }

    private static String said(Throwable failure) {
        var message = failure.getMessage();
        if (message == null || message.isBlank()) {
            return failure instanceof IOException ? "the connection failed" : "it failed";
        }
        return message;
    }
}
