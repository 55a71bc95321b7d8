package dev.portcullis.cli;

import dev.portcullis.client.Logins;
import java.net.URI;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A door's address, as a person types it. */
final class DoorAddress implements ITypeConverter<URI> {
    @Override
    public URI convert(String value) {
        var origin = Logins.origin(value);
        if (origin == null) {
            throw new TypeConversionException(
                    "'" + value + "' (expected: an https address, https://claw.example.com)");
        }
        return origin;
    }
}
