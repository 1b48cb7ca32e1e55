// Package vae is certifications, files of validation of experience, companions and juries.
package vae
