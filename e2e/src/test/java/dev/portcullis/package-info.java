/** What tests need of the product's innermost. */
@org.jspecify.annotations.NullMarked
package dev.portcullis;
