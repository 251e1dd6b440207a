"""Only what pyproject.toml cannot say: the native core, built by cffi for the stable ABI."""

from setuptools import setup

setup(
    cffi_modules=["benchsuite/native/build.py:builder"], options={"bdist_wheel": {"py_limited_api": "cp311"}}
)
